#include "shims/zlease/container_notice.h"

#include <cstdlib>

#include "client/base/container.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/unix_socket.h"
#include "shims/process/say.h"

namespace zbroker::zlease {

void SayIfAloneInContainer() {
  for (const char* const name : {"ZBROKER_STATE_DIR", "ZBROKER_SOCKET"}) {
    const char* const value = getenv(name);
    if (value != nullptr && *value != '\0') return;
  }
  if (!IsInContainer()) return;
  const auto socket = SocketPath();
  const auto state = StateDirectory();
  // It waits for the one outside then.
  if (!state.ok() || IsMachines(*state, ReadBootId())) return;
  if (!socket.ok() || *socket == kSystemSocket || ConnectUnix(*socket).ok()) return;
  process::Say(
      "this container gets a zbroker daemon of its own: it shares slots among what runs in here, "
      "and knows nothing of others that use the account. To share the machine's, mount its "
      "directory (README, Containers); if this is all there is, set ZBROKER_STATE_DIR");
}

}  // namespace zbroker::zlease
