// An MCP server's side of a session: lines in, lines out. By the specification's revisions
// 2025-11-25, 2025-06-18 and 2025-03-26 (modelcontextprotocol.io/specification).
#ifndef ZBROKER_SHIMS_AGENTS_SERVER_H_
#define ZBROKER_SHIMS_AGENTS_SERVER_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "shims/agents/office.h"
#include "shims/agents/request.h"
#include "shims/agents/tool.h"

namespace zbroker::agents {

// Answers requests in the order in which they come, but for calls that wait. What a client sends
// before it has initialized is answered too; nothing here depends on it. Not thread-safe.
class Server {
 public:
  static constexpr size_t kLineBytesMax = size_t{1} << 20;
  // Calls that wait at once; further ones are refused.
  static constexpr size_t kWaitingMax = 16;
  // Between two looks of a call that waits, and two notifications of its progress.
  static constexpr absl::Duration kBetweenLooks = absl::Seconds(1);
  static constexpr absl::Duration kBetweenProgress = absl::Seconds(5);

  // The office outlives the server. `zone`: of times in words.
  Server(Office& office, absl::TimeZone zone) : office_(office), zone_(zone) {}

  // A line of the client.
  void Take(absl::string_view line, BootTime now);
  // One that is longer than kLineBytesMax has been thrown away.
  void TakeTooLong();

  // Looks at the calls that wait, as far as it is time.
  void Look(BootTime now);
  // When it is; InfiniteFuture() when none waits.
  BootTime NextLook() const;

  // The lines that there are to send, each with its end.
  std::string TakeOutput();

 private:
  // Where the answer to a request goes: out, or to the others of its batch.
  struct Batch {
    std::vector<std::string> answers;
    size_t open = 0;
  };
  struct Call {
    std::string id;
    std::shared_ptr<Batch> batch;
    std::string progress_token;
    std::unique_ptr<Waiting> waiting;
    BootTime began, next_look, next_progress;
  };

  void Take(const Request& request, std::shared_ptr<Batch> batch, BootTime now);
  void Cancel(const std::string& id);
  void CallTool(const Request& request, const std::shared_ptr<Batch>& batch, BootTime now);
  void TellProgress(Call& call, BootTime now);

  // The results of methods, as JSON.
  std::string Initialize(const Request& request);
  std::string ListTools() const;
  std::string ResultOf(const Answer& answer) const;

  void Reply(const std::string& id, const std::shared_ptr<Batch>& batch, absl::string_view member,
             absl::string_view json);
  void Fail(const std::string& id, const std::shared_ptr<Batch>& batch, int code,
            absl::string_view words);
  void Settle(const std::shared_ptr<Batch>& batch);

  Office& office_;
  const absl::TimeZone zone_;
  std::string version_{kVersions[0]};
  std::list<Call> calls_;
  std::string output_;

  // The latest first.
  static constexpr absl::string_view kVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26"};
};

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_SERVER_H_
