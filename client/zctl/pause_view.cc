#include "client/zctl/pause_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/paint.h"
#include "client/zctl/paragraph.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

bool IsWhole(const v1::Part& part) {
  return part.priority() == v1::PRIORITY_UNSPECIFIED && part.session().empty() &&
         part.program().empty();
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(EscapeControls(text), {{"'", "'\\''"}}), "'");
}

std::string ResumeCommandFor(const std::string& account, const v1::Part& part) {
  return absl::StrCat("zctl resume", account.empty() ? "" : " --account ", EscapeControls(account),
                      IsWhole(part) ? "" : " ", PartArguments(part));
}

}  // namespace

std::string PartArguments(const v1::Part& part) {
  std::string arguments;
  const auto add = [&](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&arguments, arguments.empty() ? "" : " ", name, " ", value);
  };
  if (part.priority() != v1::PRIORITY_UNSPECIFIED) add("--priority", Word(part.priority()));
  if (!part.session().empty()) add("--session", Quoted(part.session()));
  if (!part.program().empty()) add("--program", Quoted(part.program()));
  return arguments;
}

std::string RenderPaused(const PauseCommand& command, const v1::PauseReply& reply, absl::Time now,
                         const ViewOptions& options) {
  v1::Part part;
  part.set_priority(command.part.priority);
  part.set_session(command.part.session);
  part.set_program(command.part.program);
  const std::string resume = absl::StrCat("`", ResumeCommandFor(command.account, part), "`");
  const std::string until =
      command.until ? absl::StrCat(FormatUntil(*command.until, now, options.zone), " or ", resume)
                    : resume;
  return absl::StrCat(EscapeControls(reply.account()), ": paused until ", until,
                      "; leases go on, waiters keep their places\n");
}

std::string RenderPauses(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options) {
  std::string out;
  for (const v1::Pause& pause : account.pauses()) {
    if (IsWhole(pause.part())) continue;  // said by `blocked`
    const std::string until =
        pause.has_until()
            ? absl::StrCat(" until ", FormatUntil(ToTime(pause.until()), now, options.zone))
            : "";
    absl::StrAppend(
        &out, Paragraph("paused",
                        absl::StrCat(EscapeControls(pause.detail()), until, "; `",
                                     ResumeCommandFor(account.name(), pause.part()), "` ends it"),
                        Paint::kCaution, kIndent, options));
  }
  return out;
}

}  // namespace zbroker::zctl
