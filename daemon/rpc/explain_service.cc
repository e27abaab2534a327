#include "daemon/rpc/explain_service.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/ledger/query.h"
#include "daemon/rpc/explain_view.h"

namespace zbroker::rpc {

absl::Status ExplainService::Fill(const core::Question& question,
                                  const absl::StatusOr<core::Explanation>& explanation,
                                  const Now& now, const core::Client& viewer,
                                  v1::Explanation* reply) const {
  if (!explanation.ok()) return explanation.status();
  FillExplanation(*explanation, now, viewer, reply);
  const bool found = explanation->lease || !explanation->waiters.empty();
  if (question.what.empty() || found) return absl::OkStatus();
  core::LeaseId id = 0;
  if (absl::SimpleAtoi(question.what, &id) && id > 0) {
    ZB_ASSIGN_OR_RETURN(const auto row, ledger::FindLease(ledger_path_, id));
    if (row && (viewer.admin || row->holder.uid == viewer.holder.uid)) {
      FillEnded(*row, now, reply);
      return absl::OkStatus();
    }
  }
  return absl::NotFoundError(
      absl::StrCat("nothing of yours that waits, and no lease, is called \"", question.what,
                   "\": the number of a lease, a ticket, a session or the number of a process; "
                   "`zctl queue` shows who waits"));
}

grpc::ServerUnaryReactor* ExplainService::Explain(grpc::CallbackServerContext* context,
                                                  const v1::ExplainRequest* request,
                                                  v1::Explanation* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto viewer = peers_.Find(context->peer());
  absl::Status status = viewer.status();
  if (status.ok()) status = CheckName("account", request->account());
  if (status.ok()) status = CheckName("what", request->what());
  if (status.ok()) {
    core::Question question{.account = request->account(),
                            .what = request->what(),
                            .uid = viewer->holder.uid,
                            .all_users = viewer->admin};
    status = engine_.RequestExplanation(question, [this, question, reactor, viewer = *viewer,
                                                   reply](const auto& explanation, const Now& now) {
      reactor->Finish(ToRpcStatus<grpc::Status>(Fill(question, explanation, now, viewer, reply)));
    });
  }
  if (!status.ok()) reactor->Finish(ToRpcStatus<grpc::Status>(status));
  return reactor;
}

}  // namespace zbroker::rpc
