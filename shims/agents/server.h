// An MCP server's side of a session: lines in, lines out. By the specification's revisions
// 2025-11-25, 2025-06-18 and 2025-03-26 (modelcontextprotocol.io/specification).
#ifndef ZBROKER_SHIMS_AGENTS_SERVER_H_
#define ZBROKER_SHIMS_AGENTS_SERVER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/agents/office.h"
#include "shims/agents/request.h"
#include "shims/agents/tool.h"

namespace zbroker::agents {

// Answers requests in the order in which they come, each before it looks at the next, so that
// there is never one that a client could cancel. What a client sends before it has initialized is
// answered too; nothing here depends on it. Not thread-safe.
class Server {
 public:
  static constexpr size_t kLineBytesMax = size_t{1} << 20;

  // The office outlives the server. `zone`: of times in words.
  Server(Office& office, absl::TimeZone zone) : office_(office), zone_(zone) {}

  // A line of the client.
  void Take(absl::string_view line);
  // One that is longer than kLineBytesMax has been thrown away.
  void TakeTooLong();

  // The lines that there are to send, each with its end.
  std::string TakeOutput();

 private:
  // The answers of a batch, to which an answer goes; null: it goes out by itself.
  using Batch = std::vector<std::string>;

  void Take(const Request& request, Batch* batch);
  void CallTool(const Request& request, Batch* batch);

  // The results of methods, as JSON.
  std::string Initialize(const Request& request);
  std::string ListTools() const;
  std::string ResultOf(const Answer& answer) const;

  void Reply(const std::string& id, Batch* batch, absl::string_view member, absl::string_view json);
  void Fail(const std::string& id, Batch* batch, int code, absl::string_view words);

  Office& office_;
  const absl::TimeZone zone_;
  std::string version_{kVersions[0]};
  std::string output_;

  // The latest first.
  static constexpr absl::string_view kVersions[] = {"2025-11-25", "2025-06-18", "2025-03-26"};
};

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_SERVER_H_
