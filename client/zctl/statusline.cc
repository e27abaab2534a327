#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/statusline_view.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace zbroker::zctl {
namespace {

// Who draws a line each second or so must not wait longer for it.
constexpr absl::Duration kPatience = absl::Milliseconds(250);
constexpr int kInputPatienceMs = 10;
constexpr size_t kInputMax = 256 << 10;

// What an agent tells of itself on standard input, as far as it comes at once.
std::string ReadInput() {
  std::string text;
  if (isatty(STDIN_FILENO) != 0) return text;
  char buffer[16 << 10];
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN};
  while (text.size() < kInputMax && poll(&input, 1, kInputPatienceMs) > 0) {
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

// Claude Code names its session; whatever else comes says nothing.
std::string SessionOf(const std::string& input) {
  google::protobuf::Struct object;
  if (input.empty() || !google::protobuf::util::JsonStringToMessage(input, &object).ok()) return "";
  const auto session = object.fields().find("session_id");
  return session == object.fields().end() ? "" : session->second.string_value();
}

// The line has its colors although it goes into a pipe: whoever reads it shows it on a terminal.
bool WantsColor() {
  const char* const no_color = getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

}  // namespace

absl::Status Run(const StatuslineCommand& command, Console& console) {
  const std::string session = SessionOf(ReadInput());
  const auto print = [&](absl::string_view line) {
    return console.Print(absl::StrCat(line, "\n"));
  };
  const auto client = broker::ControlClient::Connect({.start_daemon = false, .timeout = kPatience});
  if (!client.ok()) return print(RenderNoStatusline("off", command.format, WantsColor()));
  const auto status = (*client)->GetStatus(command.account);
  if (status.ok()) {
    return print(
        RenderStatusline(*status, command.format, session, WantsColor(), absl::LocalTimeZone()));
  }
  const bool unknown = absl::IsNotFound(status.status());
  const std::string why =
      unknown ? absl::StrCat("no account ", Ellipsize(EscapeControls(command.account), 40))
              : "no answer";
  return print(RenderNoStatusline(why, command.format, WantsColor()));
}

}  // namespace zbroker::zctl
