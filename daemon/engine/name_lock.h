// A lock that does not go with any file: a name among the machine's abstract Unix sockets.
#ifndef ZBROKER_DAEMON_ENGINE_NAME_LOCK_H_
#define ZBROKER_DAEMON_ENGINE_NAME_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/base/fd.h"

namespace zbroker::engine {

// Held until destroyed or the process ends. One user's lock of a path keeps out that user's (and
// root's) other processes only: any other user could take the name as well, and must not be able to
// keep our daemon from starting by that. Processes in another network namespace are not seen.
// Move-only.
class NameLock {
 public:
  // `path`: an absolute one, whatever is there now. Errors: ALREADY_EXISTS, naming the pid, when
  // another process of ours holds it.
  static absl::StatusOr<NameLock> Take(const std::string& path);

  // To be called now and then: whoever asks for the lock connects to us to learn who has it.
  void AnswerThoseWhoAsk();

 private:
  explicit NameLock(Fd socket) : socket_(std::move(socket)) {}
  Fd socket_;  // invalid when another user has the name
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_NAME_LOCK_H_
