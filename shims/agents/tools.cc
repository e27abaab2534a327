#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/zctl/message_json.h"
#include "shims/agents/budget.h"
#include "shims/agents/explain.h"
#include "shims/agents/preflight.h"
#include "shims/agents/schema.h"
#include "shims/agents/tool.h"
#include "shims/agents/wait_until.h"
#include "shims/agents/words.h"
#include "zbroker/v1/agent.pb.h"

namespace zbroker::agents {
namespace {

constexpr absl::string_view kBudgetDescription =
    "Shows what is left of the AI account that you and every other program on this machine share: "
    "quota windows (used, left, when they are reset), request slots, the queue, and whatever "
    "blocks requests at the moment. Call it when the user asks about quota or limits, or when a "
    "request was refused or is slow. Before you start something big, call `preflight` instead: it "
    "does the sums. Costs nothing.";

constexpr absl::string_view kPreflightDescription =
    "Tells whether there is room for a piece of work before you begin it. Call it before you spawn "
    "sub-agents, start a batch, or take on anything of more than about ten prompts. The verdict is "
    "`go` (begin), `wait` (begin at `until`; do something that needs no model until then, or "
    "tell the user when it can go on), or `too_much` (it can't fit as it is: do "
    "as many as `prompts_that_fit`, or ask the user). Half-finished work is the worst outcome, so "
    "do not begin against its advice unless the user says so. Nothing is reserved by asking. Costs "
    "nothing.";

Outcome CallBudget(const std::string& arguments, Office& office, absl::TimeZone zone) {
  v1::BudgetRequest request;
  const absl::Status read = ReadArguments(arguments, &request);
  if (!read.ok()) return AnswerWith(read);
  const auto status = office.GetStatus(request.account(), "");
  if (!status.ok()) return AnswerWith(status.status());
  const v1::Budget budget = MakeBudget(*status, zone);
  return AnswerWith(budget, budget.summary());
}

Outcome CallPreflight(const std::string& arguments, Office& office, absl::TimeZone zone) {
  v1::PreflightRequest request;
  const absl::Status read = ReadArguments(arguments, &request);
  if (!read.ok()) return AnswerWith(read);
  const auto status = office.GetStatus(request.account(), request.model());
  if (!status.ok()) return AnswerWith(status.status());
  const v1::AccountStatus& account = status->accounts(0);
  const v1::Preflight reply =
      Judge(request, account, office.Recall(account.name()), FromProtoTime(status->now()), zone);
  return AnswerWith(reply, reply.summary());
}

constexpr absl::string_view kWaitUntilDescription =
    "Waits until something holds of the account, and says how it stands then. Call it instead of "
    "asking `budget` again and again: when `preflight` said `wait`, or a request was refused until "
    "a "
    "reset. It returns as soon as the condition holds, and after `seconds` at the latest, with "
    "`reached` false: call it again to wait on, or do something that needs no model. It keeps no "
    "place in the queue and reserves nothing. Costs nothing.";

constexpr absl::string_view kExplainDescription =
    "Tells why a request waits, or what a new one would find: each thing that keeps it, what ends "
    "that, and when. Call it when a sub-agent, a command or a tool hangs and you suspect the "
    "queue, "
    "when a refusal names a lease or a ticket, or when the user asks why nothing moves; `budget` "
    "tells what is left, this tells what is in the way. Without arguments it is about the whole "
    "account. Costs nothing.";

Outcome CallExplain(const std::string& arguments, Office& office, absl::TimeZone zone) {
  v1::WhyRequest request;
  const absl::Status read = ReadArguments(arguments, &request);
  if (!read.ok()) return AnswerWith(read);
  const auto explanation = office.Explain(request.account(), request.what());
  if (absl::IsNotFound(explanation.status()) && !request.what().empty()) {
    return Answer{.text = absl::StrCat(
                      Sentence(EscapeControls(explanation.status().message())),
                      " What has been granted meanwhile waits no more; without `what` this tool "
                      "tells what keeps the account."),
                  .is_error = true};
  }
  if (!explanation.ok()) return AnswerWith(explanation.status());
  const v1::Why why = MakeWhy(*explanation, zone);
  return AnswerWith(why, why.summary());
}

}  // namespace

const absl::string_view kInstructions =
    "zbroker shares one AI account (request slots, and quotas over 5 hours, a week or a month) "
    "among all programs of this machine, this session included. Your own requests wait their turn "
    "by themselves; these tools only look. Call `preflight` before work of more than about ten "
    "prompts or before you spawn sub-agents, and heed its verdict; `wait_until` waits for room, "
    "and `explain` tells what something that hangs waits for.";

const std::vector<Tool>& AllTools() {
  static const auto& tools = *new std::vector<Tool>{
      {"budget", "What is left of the account", kBudgetDescription, v1::BudgetRequest::descriptor(),
       v1::Budget::descriptor(), CallBudget},
      {"preflight", "Is there room for this work?", kPreflightDescription,
       v1::PreflightRequest::descriptor(), v1::Preflight::descriptor(), CallPreflight},
      {"wait_until", "Wait until there is room", kWaitUntilDescription,
       v1::WaitUntilRequest::descriptor(), v1::WaitUntil::descriptor(), CallWaitUntil},
      {"explain", "Why does it wait?", kExplainDescription, v1::WhyRequest::descriptor(),
       v1::Why::descriptor(), CallExplain}};
  return tools;
}

Answer AnswerWith(const google::protobuf::Message& message, const std::string& summary) {
  return {.text = summary, .structured = zctl::ToJson(message, zctl::JsonStyle::kOneLine)};
}

Answer AnswerWith(const absl::Status& error) {
  const std::string words = EscapeControls(error.message());
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return {.text = absl::StrCat("zbroker can't be asked now: ", words,
                                   ". Nothing is known of the budget. Don't start anything big; "
                                   "tell the user, who can look with `zctl doctor`."),
              .is_error = true};
    case absl::StatusCode::kInvalidArgument:
      return {.text = absl::StrCat(words, ". Call it again with that put right."),
              .is_error = true};
    case absl::StatusCode::kNotFound:
      return {.text = absl::StrCat(words, ". `budget` without arguments names all accounts."),
              .is_error = true};
    default:
      return {.text = absl::StrCat("zbroker refused to say: ", words,
                                   ". Tell the user, who can look with `zctl doctor`."),
              .is_error = true};
  }
}

}  // namespace zbroker::agents
