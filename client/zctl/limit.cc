#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/glob.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/limit_view.h"

namespace zbroker::zctl {
namespace {

// The account of that name, or the default one, which comes first.
absl::StatusOr<v1::AccountStatus> Look(broker::ControlClient& client, const std::string& account) {
  ZB_ASSIGN_OR_RETURN(const v1::Status status, client.GetStatus(account));
  if (!status.accounts().empty()) return status.accounts(0);
  return absl::NotFoundError("the daemon names no account");
}

bool IsPattern(const std::string& text) { return text.find_first_of("*?") != text.npos; }

// A pattern that no pool has would be the limit of a model that nobody asks for. One that was
// pinned all the same can be unpinned.
absl::Status CheckModel(const SetLimitCommand& command, const v1::AccountStatus& account) {
  if (!IsPattern(command.model) || !command.limit) return absl::OkStatus();
  for (const v1::PoolStatus& pool : account.slots().pools()) {
    const std::string name = absl::StrJoin(pool.models(), ", ");
    const std::vector<std::string> globs(pool.models().begin(), pool.models().end());
    // Those that learn have a limit of their own.
    for (const v1::LearnedLimit& one : account.slots().model_limits()) {
      if (one.model() == name && AnyGlobMatches(globs, command.model)) return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      EscapeControls(command.model),
      " is a pattern, and a limit is that of one model; models that share one are a pool of the "
      "configuration: [[account.NAME.pool]] with `models`, `limit` and `learn = true`"));
}

}  // namespace

absl::Status Run(const ShowLimitCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::Status status, client->GetStatus(command.account));
  if (command.json) return console.PrintJson(LimitsOf(status));
  return console.Print(RenderLimits(status, console.view()));
}

absl::Status Run(const SetLimitCommand& command, Console& console) {
  v1::SetLimitRequest request;
  request.set_account(command.account);
  request.set_model(command.model);
  request.set_dry_run(command.dry_run);
  if (command.limit) request.set_limit(*command.limit);
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::AccountStatus before, Look(*client, command.account));
  ZB_RETURN_IF_ERROR(CheckModel(command, before));
  ZB_ASSIGN_OR_RETURN(const v1::SetLimitReply reply, client->SetLimit(request));
  if (command.dry_run) {
    const v1::LimitPreview preview = PreviewOf(before, reply);
    return command.json ? console.PrintJson(preview) : console.Print(RenderLimitPreview(preview));
  }
  if (command.json) return console.PrintJson(reply);
  ZB_ASSIGN_OR_RETURN(const v1::AccountStatus after, Look(*client, reply.account()));
  return console.Print(reply.model().empty() ? RenderLimitChange(before, after)
                                             : RenderModelLimitChange(after, reply.model()));
}

}  // namespace zbroker::zctl
