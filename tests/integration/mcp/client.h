// A client of an MCP server over stdio that sends what the test says and shows what came.
#ifndef ZBROKER_TESTS_INTEGRATION_MCP_CLIENT_H_
#define ZBROKER_TESTS_INTEGRATION_MCP_CLIENT_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/fd.h"
#include "tests/testing/process.h"

namespace zbroker::testing {

// Its server is a child process, which is killed, if it still runs, when this is destroyed. What
// does not come within kPatience does not come. Not thread-safe.
class McpClient {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  // `sockets`: rather than pipes, as node has them.
  McpClient(const std::vector<std::string>& argv, const EnvironmentVariables& extra,
            bool sockets = false);
  ~McpClient();
  McpClient(const McpClient&) = delete;
  McpClient& operator=(const McpClient&) = delete;

  // False when nobody reads it any more.
  bool Send(absl::string_view bytes) const;
  // As much as is taken at once.
  size_t SendSome(absl::string_view bytes) const;
  // Waits until something would be taken; false: nothing is within that time.
  bool AwaitRoom(absl::Duration longest = kPatience) const;
  // With its end; what there is when the server's output ends, or the time is over.
  std::string ReadLine();
  // All until the output ends.
  std::string ReadAll();

  void CloseInput() { to_server_.Reset(); }
  void CloseOutput() { from_server_.Reset(); }

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  std::string Err() const;
  // Fails the test and kills the process if it does not end in time. As waitpid(2) has it.
  int Wait();

 private:
  // False when nothing more comes.
  bool Receive();

  pid_t pid_ = -1;
  Fd pidfd_, to_server_, from_server_, err_;
  std::string received_;
};

// The only process whose parent this is, once there is one; -1 if there is none in time.
pid_t ChildOf(pid_t parent);
bool IsAlive(pid_t pid);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_MCP_CLIENT_H_
