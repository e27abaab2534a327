#include "client/zctl/pause_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/text.h"
#include "client/zctl/block_view.h"
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
  const std::string resume =
      absl::StrCat("`", ResumeCommandFor(command.account, command.part), "`");
  const std::string until =
      command.until ? absl::StrCat(FormatUntil(*command.until, now, options.zone), " or ", resume)
                    : resume;
  return absl::StrCat(EscapeControls(reply.account()), ": paused until ", until,
                      "; leases go on, waiters keep their places\n");
}

std::string RenderResumed(const ResumeCommand& command, const v1::ResumeReply& reply,
                          absl::Time now, const ViewOptions& options) {
  const std::string account = EscapeControls(reply.account());
  if (!IsWhole(command.part)) {
    return reply.resumed().empty()
               ? absl::StrCat(account, ": that part was not paused; `zctl status` shows what is\n")
               : absl::StrCat(account,
                              ": no longer so: ", EscapeControls(reply.resumed(0).detail()), "\n");
  }
  const bool free = reply.standing().empty();
  std::string out =
      absl::StrCat(account, free ? ": granting again\n" : ": resumed, but still blocked\n");
  for (const v1::Pause& pause : reply.resumed()) {
    if (IsWhole(pause.part())) continue;
    absl::StrAppend(&out, "  ended: ", EscapeControls(pause.detail()), "\n");
  }
  for (const v1::Block& block : reply.ended()) {
    absl::StrAppend(&out, "  ended: ", BlockTitle(block, now, options.zone), "\n");
  }
  for (const v1::Block& block : reply.standing()) {
    const std::string line =
        absl::StrCat(BlockTitle(block, now, options.zone),
                     "; trying before that may prolong it, or cost the account: "
                     "`zctl resume --end-breaker` if you know that it is over");
    absl::StrAppend(&out, "  ", Painted(line, Paint::kAlarm, options.color), "\n");
  }
  return out;
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
