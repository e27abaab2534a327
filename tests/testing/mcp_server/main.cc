// An MCP server over stdio for tests. Tools by name:
//
//   echo       answers at once             sleep_MS   answers after so many milliseconds
//   never      does not                    twice      answers, and answers again
//   throttle, wall                         answer with errors of the upstream
//   exit_N     ends with this status       stats      "max M calls N": how many were under way at
//                                                     once, and how many there were, without these
//   large_KIB  answers with so many KiB    environment_NAME   the value of a variable
//
// All other requests are answered with an empty result. When its input ends it answers what is
// under way, and ends; with --stubborn it goes on, and SIGTERM does not end it either.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/mcp/lines.h"
#include "shims/mcp/message.h"
#include "shims/zai/json_text.h"

namespace zbroker::testing {
namespace {

using Clock = std::chrono::steady_clock;
using mcp::Message;

class Server {
 public:
  void Read(absl::string_view line) {
    for (const Message& message : reader_.Read(line).messages) {
      if (message.kind == Message::Kind::kRequest) Say(message.id, "{}");
      if (message.kind == Message::Kind::kCall) Call(message.id, message.tool);
    }
  }
  void AnswerDue() {
    while (!sleeping_.empty() && sleeping_.begin()->first <= Clock::now()) {
      Text(sleeping_.begin()->second, "slept");
      sleeping_.erase(sleeping_.begin());
    }
  }
  bool idle() const { return sleeping_.empty(); }
  // In milliseconds, for poll(2).
  int Patience() const {
    if (sleeping_.empty()) return -1;
    const auto left = sleeping_.begin()->first - Clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count() + 1;
    return static_cast<int>(std::max<int64_t>(ms, 0));
  }

 private:
  static void Write(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(size));
    }
  }
  static void Say(absl::string_view id, absl::string_view result) {
    Write(absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"result":)", result, "}\n"));
  }
  static void Text(absl::string_view id, absl::string_view text, bool is_error = false) {
    Say(id, absl::StrCat(R"({"content":[{"type":"text","text":)", zai::JsonString(text), "}]",
                         is_error ? R"(,"isError":true)" : "", "}"));
  }
  static void Error(absl::string_view id, absl::string_view code, absl::string_view message) {
    Text(id,
         absl::StrCat(R"(MCP error -429: {"error":{"code":")", code, R"(","message":")", message,
                      R"("}})"),
         /*is_error=*/true);
  }

  void Call(const std::string& id, const std::string& tool) {
    absl::string_view rest = tool;
    int number = 0;
    if (tool == "stats") return Text(id, absl::StrCat("max ", most_, " calls ", calls_));
    ++calls_;
    most_ = std::max(most_, static_cast<int>(sleeping_.size()) + 1);
    if (tool == "never") return;
    if (tool == "throttle") return Error(id, "1302", "Rate limit reached for requests");
    if (tool == "wall") {
      return Error(id, "1308",
                   "Usage limit reached for 5 hour. Your limit will reset at 2026-01-01 00:00:00");
    }
    if (absl::ConsumePrefix(&rest, "environment_")) {
      const char* const value = getenv(std::string(rest).c_str());
      return Text(id, value == nullptr ? "(unset)" : value);
    }
    if (absl::ConsumePrefix(&rest, "sleep_") && absl::SimpleAtoi(rest, &number)) {
      sleeping_.emplace(Clock::now() + std::chrono::milliseconds(number), id);
      return;
    }
    if (absl::ConsumePrefix(&rest, "exit_") && absl::SimpleAtoi(rest, &number)) _exit(number);
    if (absl::ConsumePrefix(&rest, "large_") && absl::SimpleAtoi(rest, &number)) {
      return Text(id, std::string(static_cast<size_t>(number) << 10, 'x'));
    }
    Text(id, tool);
    if (tool == "twice") Text(id, tool);
  }

  mcp::MessageReader reader_;
  std::multimap<Clock::time_point, std::string> sleeping_;
  int most_ = 0;
  int calls_ = 0;
};

int Main(bool stubborn) {
  if (stubborn) signal(SIGTERM, SIG_IGN);
  Server server;
  mcp::Lines lines(size_t{64} << 20);
  char buffer[64 << 10];
  bool ended = false;
  while (!ended || !server.idle() || stubborn) {
    pollfd input{ended ? -1 : STDIN_FILENO, POLLIN, 0};
    poll(&input, 1, server.Patience());
    server.AnswerDue();
    if ((input.revents & (POLLIN | POLLHUP)) == 0) continue;
    const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    ended = size <= 0;
    auto pieces = ended ? lines.Finish() : lines.Feed({buffer, static_cast<size_t>(size)});
    for (const mcp::Piece& piece : pieces) server.Read(piece.bytes);
  }
  return 0;
}

}  // namespace
}  // namespace zbroker::testing

int main(int argc, char** argv) {
  return zbroker::testing::Main(argc > 1 && strcmp(argv[1], "--stubborn") == 0);
}
