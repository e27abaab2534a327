// What each record writes.
#include <map>
#include <optional>
#include <variant>

#include "absl/strings/string_view.h"
#include "client/base/status.h"
#include "daemon/core/words.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

// What of a block's name its scope does not need is empty in the table.
absl::string_view ModelOf(const core::Block& block) {
  return block.scope == core::Scope::kModel ? absl::string_view(block.model) : "";
}
absl::string_view KindOf(const core::Block& block) {
  return block.scope == core::Scope::kKind ? core::Name(block.kind) : "";
}
absl::string_view PriorityOf(const core::Part& part) {
  return part.priority ? core::Name(*part.priority) : "";
}

}  // namespace

absl::Status Ledger::Write(const std::vector<core::Record>& records) {
  std::map<absl::string_view, core::Totals> totals;
  for (const core::Record& record : records) {
    if (const auto* opened = std::get_if<core::LeaseOpened>(&record)) {
      ZB_ASSIGN_OR_RETURN(const bool written, WriteOpened(*opened));
      if (written) ++uncounted_;
    } else if (const auto* closed = std::get_if<core::LeaseClosed>(&record)) {
      ZB_ASSIGN_OR_RETURN(const bool written, WriteClosed(*closed));
      if (written && closed->outcome == core::Outcome::kThrottle) {
        ++totals[closed->account].throttled;
      }
      if (written && closed->outcome == core::Outcome::kLost) ++totals[closed->account].lost;
      if (written && closed->shadow_wait) {
        ++totals[closed->account].shadow_waits;
        totals[closed->account].shadow_waited += *closed->shadow_wait;
      }
    } else if (const auto* settings = std::get_if<core::AccountSettings>(&record)) {
      ZB_RETURN_IF_ERROR(WriteSettings(*settings));
    } else if (const auto* pause = std::get_if<core::PauseSet>(&record)) {
      ZB_RETURN_IF_ERROR(WritePause(*pause));
    } else if (const auto* ended = std::get_if<core::PauseEnded>(&record)) {
      ZB_RETURN_IF_ERROR(DeletePause(*ended));
    } else if (const auto* set = std::get_if<core::BlockSet>(&record)) {
      ZB_RETURN_IF_ERROR(WriteBlock(*set));
    } else if (const auto* removed = std::get_if<core::BlockRemoved>(&record)) {
      ZB_RETURN_IF_ERROR(DeleteBlock(*removed));
    } else if (const auto* learned = std::get_if<core::LimitLearned>(&record)) {
      ZB_RETURN_IF_ERROR(WriteLearned(*learned));
    } else if (const auto* forgotten = std::get_if<core::LimitForgotten>(&record)) {
      ZB_RETURN_IF_ERROR(DeleteLearned(*forgotten));
    } else if (const auto* pinned = std::get_if<core::ModelPinned>(&record)) {
      ZB_RETURN_IF_ERROR(WritePin(*pinned));
    } else if (const auto* foreign = std::get_if<core::ForeignCharged>(&record)) {
      ZB_RETURN_IF_ERROR(WriteForeign(*foreign));
    } else if (const auto* happening = std::get_if<core::Happening>(&record)) {
      ZB_RETURN_IF_ERROR(WriteHappening(*happening));
    } else if (const auto* hooks = std::get_if<core::HooksTold>(&record)) {
      ZB_RETURN_IF_ERROR(
          Use(statements_->set_hooks_told, static_cast<int64_t>(hooks->event)).Run());
    } else if (const auto* read = std::get_if<core::MeterRead>(&record)) {
      ZB_RETURN_IF_ERROR(WriteMeter(*read));
    } else {
      ZB_RETURN_IF_ERROR(WriteReset(std::get<core::ResetKnown>(record)));
    }
  }
  for (const auto& [account, add] : totals) {
    ZB_RETURN_IF_ERROR(Use(statements_->add_totals, account, int64_t{0}, int64_t{add.throttled},
                           int64_t{add.lost}, int64_t{add.shadow_waits},
                           absl::ToInt64Microseconds(add.shadow_waited))
                           .Run());
  }
  return uncounted_ > kGrantsUncountedMax ? CountGrants() : absl::OkStatus();
}

absl::StatusOr<bool> Ledger::WriteOpened(const core::LeaseOpened& opened) {
  const core::Request& request = opened.request;
  const auto id = static_cast<int64_t>(opened.lease);
  ZB_RETURN_IF_ERROR(
      Use(statements_->insert_lease, id, request.ticket, request.account, request.model,
          core::Name(request.kind), core::Name(request.priority), request.weight.micros(),
          request.session, static_cast<int64_t>(request.parent),
          absl::ToInt64Microseconds(request.ttl), opened.holder.program, int64_t{opened.holder.pid},
          int64_t{opened.holder.uid}, static_cast<int64_t>(opened.holder.start_ticks), boot_,
          ToLedger(opened.queued), ToLedger(opened.granted), int64_t{opened.attempt},
          request.program, int64_t{request.program_pid}, request.project)
          .Run());
  if (database_->changes() == 0) return false;
  for (const core::Charge& charge : opened.charges) {
    ZB_RETURN_IF_ERROR(Use(statements_->insert_charge, request.account, charge.window,
                           ToLedger(opened.granted), id, boot_, charge.amount.micros())
                           .Run());
  }
  return true;
}

absl::StatusOr<bool> Ledger::WriteClosed(const core::LeaseClosed& closed) {
  using OptionalInt = std::optional<int64_t>;
  const auto id = static_cast<int64_t>(closed.lease);
  OptionalInt first_byte, input, cached, output;
  if (closed.first_byte) first_byte = ToLedger(*closed.first_byte);
  if (closed.usage) {
    input = closed.usage->input;
    cached = closed.usage->cached;
    output = closed.usage->output;
  }
  ZB_RETURN_IF_ERROR(Use(statements_->close_lease, id, ToLedger(closed.closed),
                         core::Name(closed.outcome), closed.upstream_code, closed.detail,
                         first_byte, int64_t{closed.http_status}, input, cached, output,
                         closed.served_model)
                         .Run());
  if (database_->changes() == 0) return false;
  for (const core::Charge& charge : closed.refunds) {
    ZB_RETURN_IF_ERROR(
        Use(statements_->delete_charge, closed.account, charge.window, ToLedger(closed.granted), id)
            .Run());
  }
  for (const core::Charge& charge : closed.settled) {
    const int64_t at = ToLedger(closed.granted);
    ZB_RETURN_IF_ERROR(
        charge.amount == core::Amount()
            ? Use(statements_->delete_charge, closed.account, charge.window, at, id).Run()
            : Use(statements_->settle_charge, closed.account, charge.window, at, id, boot_,
                  charge.amount.micros())
                  .Run());
  }
  return true;
}

absl::Status Ledger::WriteSettings(const core::AccountSettings& settings) {
  std::optional<int64_t> slot_limit;
  if (settings.slot_limit) slot_limit = *settings.slot_limit;
  return Use(statements_->set_settings, settings.account, slot_limit).Run();
}

absl::Status Ledger::WritePause(const core::PauseSet& set) {
  std::optional<int64_t> until;
  if (set.pause.until != BootTime::InfiniteFuture()) until = ToLedger(set.pause.until);
  const core::Part& part = set.pause.part;
  return Use(statements_->set_pause, set.account, PriorityOf(part), part.session, part.program,
             until ? boot_ : 0, until)
      .Run();
}

absl::Status Ledger::DeletePause(const core::PauseEnded& ended) {
  const core::Part& part = ended.part;
  return Use(statements_->delete_pause, ended.account, PriorityOf(part), part.session, part.program)
      .Run();
}

absl::Status Ledger::WriteBlock(const core::BlockSet& set) {
  const core::Block& block = set.block;
  return Use(statements_->set_block, set.account, core::Name(block.reason), core::Name(block.scope),
             ModelOf(block), KindOf(block), boot_, ToLedger(block.since), ToLedger(block.until),
             int64_t{block.step}, block.upstream_code, block.detail)
      .Run();
}

absl::Status Ledger::DeleteBlock(const core::BlockRemoved& removed) {
  const core::Block& block = removed.block;
  return Use(statements_->delete_block, removed.account, core::Name(block.reason),
             core::Name(block.scope), ModelOf(block), KindOf(block))
      .Run();
}

absl::Status Ledger::WriteLearned(const core::LimitLearned& learned) {
  const core::LearnedState& state = learned.state;
  return Use(statements_->set_learned, learned.account, learned.model, core::Name(state.hours),
             boot_, int64_t{state.start}, int64_t{state.limit}, int64_t{state.ceiling},
             ToLedger(state.confirmed), absl::ToInt64Microseconds(state.interval),
             ToLedger(state.changed), state.why)
      .Run();
}

absl::Status Ledger::DeleteLearned(const core::LimitForgotten& forgotten) {
  return Use(statements_->delete_learned, forgotten.account, forgotten.model).Run();
}

absl::Status Ledger::WritePin(const core::ModelPinned& pinned) {
  if (!pinned.limit) return Use(statements_->delete_pin, pinned.account, pinned.model).Run();
  return Use(statements_->set_pin, pinned.account, pinned.model, int64_t{*pinned.limit}).Run();
}

absl::Status Ledger::WriteReset(const core::ResetKnown& known) {
  if (!known.at) return Use(statements_->delete_reset, known.account, known.window).Run();
  return Use(statements_->set_reset, known.account, known.window, boot_, ToLedger(*known.at)).Run();
}

absl::Status Ledger::WriteForeign(const core::ForeignCharged& charged) {
  std::optional<int64_t> over;
  if (charged.over != absl::InfiniteDuration()) over = absl::ToInt64Microseconds(charged.over);
  return Use(statements_->set_foreign, charged.account, charged.window, ToLedger(charged.at), boot_,
             charged.amount.micros(), over)
      .Run();
}

absl::Status Ledger::WriteMeter(const core::MeterRead& read) {
  ZB_RETURN_IF_ERROR(Use(statements_->delete_meter, read.account).Run());
  int64_t position = 0;
  for (const core::MeterRow& row : read.rows) {
    std::optional<int64_t> used, limit, reset;
    if (row.used) used = row.used->micros();
    if (row.limit) limit = row.limit->micros();
    if (row.reset) reset = ToLedger(*row.reset);
    ZB_RETURN_IF_ERROR(Use(statements_->insert_meter, read.account, position++, boot_,
                           ToLedger(read.asked), core::Name(row.unit),
                           absl::ToInt64Microseconds(row.length), int64_t{row.months},
                           row.percent.micros(), used, limit, reset, int64_t{row.full ? 1 : 0})
                           .Run());
  }
  return absl::OkStatus();
}

absl::Status Ledger::WriteHappening(const core::Happening& one) {
  // The end of an episode, or that of one which was left open before this begins.
  const core::HappeningKind begin = core::BeginOf(one.kind).value_or(one.kind);
  ZB_RETURN_IF_ERROR(
      Use(statements_->close_episode, one.account, core::Name(begin), one.subject).Run());
  std::optional<int64_t> until;
  if (one.until) until = ToLedger(*one.until);
  return Use(statements_->insert_event, boot_, ToLedger(one.at), one.account, core::Name(one.kind),
             one.subject, until, static_cast<int64_t>(one.lease), one.upstream_code, one.detail,
             int64_t{core::EndOf(one.kind) ? 1 : 0})
      .Run();
}

}  // namespace zbroker::ledger
