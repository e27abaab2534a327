#include "client/base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace zbroker {

// Not std::random_device, which asks the processor anew, and in a virtual machine waits for the
// host each time.
std::string RandomHex() {
  std::array<char, 16> bytes;
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t size = getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (size > 0) have += static_cast<size_t>(size);
    // Only a signal can interrupt it; anything else would leave a token that can be guessed.
    if (size < 0 && errno != EINTR) abort();
  }
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

}  // namespace zbroker
