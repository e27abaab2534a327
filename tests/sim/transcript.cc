#include "tests/sim/transcript.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace zbroker::sim {
namespace {

std::string At(BootTime time) {
  return time == BootTime::InfiniteFuture() ? "never" : absl::StrCat(time.micros());
}

std::string At(const std::optional<BootTime>& time) { return time ? At(*time) : "-"; }

std::string Length(const std::optional<absl::Duration>& length) {
  return length ? absl::FormatDuration(*length) : "-";
}

std::string TextOf(const std::vector<core::Charge>& charges) {
  std::string text = " [";
  for (const core::Charge& one : charges) {
    absl::StrAppend(&text, one.window, "=", one.amount.micros(), one.excess ? "+ " : " ");
  }
  return text + "]";
}

std::string TextOf(const core::Block& block) {
  return absl::StrCat(" block ", Name(block.reason), " ", Name(block.scope), " ", block.model, " ",
                      Name(block.kind), " ", At(block.since), "-", At(block.until), " step ",
                      block.step);
}

std::string TextOf(const core::WaitState& state) {
  return absl::StrCat(" #", state.position, " reason ", static_cast<int>(state.reason), " ",
                      state.window, state.pool, state.block, " of ", state.slot_limit, " until ",
                      At(state.until), " in ", Length(state.estimate));
}

struct RecordText {
  std::string operator()(const core::LeaseOpened& one) const {
    return absl::StrCat("opened ", one.lease, " ", one.request.ticket, " ", one.request.account,
                        " ", one.request.model, " ", Name(one.request.kind), " ",
                        Name(one.request.priority), " ", one.request.session, " ", At(one.queued),
                        " ", At(one.granted), " attempt ", one.attempt, TextOf(one.charges));
  }
  std::string operator()(const core::LeaseClosed& one) const {
    return absl::StrCat("closed ", one.lease, " ", one.account, " ", Name(one.outcome), " ",
                        At(one.closed), " ", At(one.first_byte), TextOf(one.refunds),
                        TextOf(one.settled), Length(one.shadow_wait));
  }
  std::string operator()(const core::AccountSettings& one) const {
    return absl::StrCat("settings ", one.account, " ", one.slot_limit.value_or(0));
  }
  std::string operator()(const core::PauseSet& one) const {
    return absl::StrCat("paused ", one.account, " ", DescribePause(one.pause.part), " until ",
                        At(one.pause.until));
  }
  std::string operator()(const core::PauseEnded& one) const {
    return absl::StrCat("no longer paused ", one.account, " ", DescribePause(one.part));
  }
  std::string operator()(const core::BlockSet& one) const {
    return absl::StrCat("set ", one.account, TextOf(one.block));
  }
  std::string operator()(const core::BlockRemoved& one) const {
    return absl::StrCat("removed ", one.account, TextOf(one.block));
  }
  std::string operator()(const core::LimitLearned& one) const {
    const core::LearnedState& state = one.state;
    return absl::StrCat("learned ", one.account, " ", one.model, " ", Name(state.hours), " ",
                        state.start, " ", state.limit, " ", state.ceiling, " ", At(state.confirmed),
                        " ", Length(state.interval), " ", At(state.changed), " ", state.why);
  }
  std::string operator()(const core::LimitForgotten& one) const {
    return absl::StrCat("forgotten ", one.account, " ", one.model);
  }
  std::string operator()(const core::ModelPinned& one) const {
    return absl::StrCat("pinned ", one.account, " ", one.model, " ", one.limit.value_or(0));
  }
  std::string operator()(const core::ResetKnown& one) const {
    return absl::StrCat("reset ", one.account, " ", one.window, " ", At(one.at));
  }
  std::string operator()(const core::ForeignCharged& one) const {
    return absl::StrCat("foreign ", one.account, " ", one.window, " ", At(one.at), " ",
                        one.amount.micros(), " over ", Length(one.over));
  }
  std::string operator()(const core::Happening& one) const {
    return absl::StrCat("happened ", Name(one.kind), " ", one.account, " ", one.subject, " ",
                        At(one.at), " until ", At(one.until), " ", one.detail);
  }
  std::string operator()(const core::HooksTold& one) const {
    return absl::StrCat("told ", one.event);
  }
  std::string operator()(const core::MeterRead& one) const {
    std::string text = absl::StrCat("meter ", one.account, " ", At(one.asked));
    for (const core::MeterRow& row : one.rows) {
      absl::StrAppend(&text, " ", Name(row.unit), " ", row.percent.micros(), " ", At(row.reset),
                      row.full ? " full" : "");
    }
    return text;
  }
};

struct EventText {
  std::string operator()(const core::Queued& one) const {
    return absl::StrCat("queued ", one.ticket, " ", At(one.arrival), TextOf(one.state));
  }
  std::string operator()(const core::Granted& one) const {
    return absl::StrCat("granted ", one.ticket, " ", one.lease, " ", one.account, " waited ",
                        Length(one.waited), " until ", At(one.until), " ", one.shadow);
  }
  std::string operator()(const core::Refused& one) const {
    return absl::StrCat("refused ", one.ticket, " ", one.status.ToString(),
                        one.block ? TextOf(*one.block) : "");
  }
  std::string operator()(const core::Released& one) const {
    return absl::StrCat("released ", one.lease, " ", one.outcome ? Name(*one.outcome) : "-", " ",
                        one.already_ended);
  }
  std::string operator()(const core::Renewed& one) const {
    return absl::StrCat("renewed ", one.lease, " ", At(one.until));
  }
  std::string operator()(const core::Revoked& one) const {
    return absl::StrCat("revoked ", one.lease);
  }
  std::string operator()(const core::Welcome& one) const {
    std::string text = "welcome";
    for (const core::LeaseId id : one.reclaimed) absl::StrAppend(&text, " ", id);
    return text;
  }
  std::string operator()(const core::Done& one) const {
    std::string text = absl::StrCat("done ", one.account, " ", one.slot_limit);
    for (const core::Block& block : one.ended) absl::StrAppend(&text, " ended", TextOf(block));
    for (const core::Block& block : one.standing) absl::StrAppend(&text, " left", TextOf(block));
    return text;
  }
  std::string operator()(const core::Failed& one) const {
    return absl::StrCat("failed ", one.lease, " ", one.status.ToString());
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "other";
  }
};

void Append(const core::AccountSnapshot& account, std::string& text) {
  absl::StrAppend(&text, "account ", account.name, " limit ", account.slot_limit, " source ",
                  Name(account.source), " in flight ", account.in_flight, " pauses ",
                  account.pauses.size(), " trial ", At(account.next_trial), " ",
                  account.trial_under_way, " interval ", Length(account.start_interval), " wait ",
                  Length(account.wait), " totals ", account.totals.granted, " ");
  absl::StrAppend(&text, account.totals.throttled, " ", account.totals.lost, " ",
                  account.totals.shadow_waits, " ", Length(account.totals.shadow_waited), "\n");
  for (const core::WindowSnapshot& one : account.windows) {
    absl::StrAppend(&text, " window ", one.config.name, " ", one.used.micros(), " foreign ",
                    one.foreign.micros(), one.full ? " full " : " ", At(one.next_release), " ",
                    At(one.reset), " ", At(one.runs_out), "\n");
  }
  for (const core::PoolSnapshot& one : account.pools) {
    absl::StrAppend(&text, " pool ", one.in_flight, "\n");
  }
  for (const core::KnownModelLimit& one : account.model_limits) {
    absl::StrAppend(&text, " model ", one.model, " ", one.in_flight, " of ", one.limit, " ceiling ",
                    one.state.ceiling, " trial ", At(one.next_trial), " ", one.trial_under_way,
                    "\n");
  }
  for (const core::Block& one : account.blocks) absl::StrAppend(&text, TextOf(one), "\n");
  for (const core::LeaseSnapshot& one : account.leases) {
    absl::StrAppend(&text, " lease ", one.id, " host ", one.host, " guest ", one.guest, " shadow ",
                    one.shadow, one.slotless ? " slotless" : "", " trial ", one.trial, " state ",
                    static_cast<int>(one.state), " ", At(one.until), TextOf(one.charged), "\n");
  }
  for (const core::WaiterSnapshot& one : account.waiters) {
    absl::StrAppend(&text, " waiter ", one.waiter.request.ticket, " rank ", Name(one.waiter.rank),
                    " gone ", At(one.waiter.gone_until), TextOf(one.state), "\n");
  }
}

}  // namespace

std::string TextOf(const std::vector<core::AddressedEvent>& events) {
  std::string text;
  for (const core::AddressedEvent& one : events) {
    absl::StrAppend(&text, "to ", one.stream, ": ", std::visit(EventText(), one.event), "\n");
  }
  return text;
}

std::string TextOf(const core::Effects& effects) {
  std::string text;
  for (const core::Record& one : effects.records) {
    absl::StrAppend(&text, std::visit(RecordText(), one), "\n");
  }
  return text + TextOf(effects.events);
}

std::string TextOf(const core::Snapshot& snapshot) {
  std::string text = absl::StrCat("at ", At(snapshot.at), "\n");
  for (const core::AccountSnapshot& account : snapshot.accounts) Append(account, text);
  return text;
}

}  // namespace zbroker::sim
