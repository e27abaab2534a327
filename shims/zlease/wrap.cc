#include "shims/zlease/wrap.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/broker/broker_client.h"
#include "client/broker/refusal.h"
#include "shims/flags/lease.h"
#include "shims/process/child.h"
#include "shims/process/exit_status.h"
#include "shims/process/say.h"
#include "shims/process/spawn.h"
#include "shims/zlease/acquire.h"

namespace zbroker::zlease {
namespace {

// A daemon that is just being restarted is back within this; then the lease ends with the right
// outcome rather than as lost.
constexpr absl::Duration kReleaseTime = absl::Seconds(5);

int ExitFor(const absl::Status& status, const Options& options) {
  const bool gave_up_waiting = absl::IsAborted(status) || absl::IsDeadlineExceeded(status);
  if (gave_up_waiting && options.quiet) return process::kExitTemporary;
  if (broker::BlockOf(status)) {
    process::Say(absl::StrCat(status.message(), "; --hold-until-reset waits for it"));
    return process::kExitTemporary;
  }
  process::Say(status.message());
  return gave_up_waiting ? process::kExitTemporary : process::kExitOwnFailure;
}

void Release(broker::Lease& lease, const process::ChildEnd& end) {
  v1::ReleaseDetails details;
  v1::Outcome outcome = v1::OUTCOME_OK;
  if (end.exec_errno != 0) {
    outcome = v1::OUTCOME_CANCELLED;
    details.set_message("the command could not be run");
    details.set_unused(true);
  } else if (end.signal != 0) {
    outcome = v1::OUTCOME_FAILED;
    details.set_message(absl::StrCat("signal ", end.signal));
  } else if (end.exit_status != 0) {
    outcome = v1::OUTCOME_FAILED;
    details.set_message(absl::StrCat("exit status ", end.exit_status));
  }
  const absl::Status released = lease.Release(outcome, details, kReleaseTime);
  // The kernel tells the daemon when we end, so the slot is not lost; only the outcome is.
  if (!released.ok()) process::Say(released.message());
}

int Run(const Options& options, broker::Lease lease, process::Signals& signals) {
  process::Variables extra;
  if (lease.valid()) {
    const std::string id = absl::StrCat(lease.id());
    extra = {{"ZLEASE_ID", id}, {flags::kParentVariable, id}};
    if (!lease.holder().empty()) extra.emplace_back(kHolderVariable, lease.holder());
  }
  const auto end = process::RunChild(options.command, extra, signals);
  if (!end.ok()) {
    process::Say(end.status().message());
    return process::kExitOwnFailure;
  }
  if (lease.valid()) Release(lease, *end);
  return process::EndAs(*end, options.command[0], signals);
}

}  // namespace

int WrapCommand(const Options& options, process::Signals& signals) {
  // Before the wait: nobody should queue for a command that can't run.
  if (const absl::Status found = process::FindCommand(options.command[0]); !found.ok()) {
    process::Say(absl::StrCat(options.command[0], ": ", found.message()));
    return process::kExitNotFound;
  }
  const bool fail_at_once = options.if_unavailable == IfUnavailable::kFail;
  auto client = broker::BrokerClient::Create(
      {.client_name = BaseName(options.command[0]).substr(0, 64),
       .broker_timeout = fail_at_once ? absl::ZeroDuration() : options.broker_timeout});
  if (!client.ok()) return ExitFor(client.status(), options);
  AcquireEnd end = AcquireLease(options, **client, signals);
  if (end.signal != 0) signals.DieBy(end.signal);
  if (absl::IsUnavailable(end.status) && options.if_unavailable == IfUnavailable::kRun) {
    process::Say(absl::StrCat("RUNNING WITHOUT A LEASE: ", end.status.message()));
  } else if (!end.status.ok()) {
    return ExitFor(end.status, options);
  }
  return Run(options, std::move(end.lease), signals);
}

}  // namespace zbroker::zlease
