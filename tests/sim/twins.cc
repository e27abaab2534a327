#include "tests/sim/twins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/sim/transcript.h"

namespace zbroker::sim {
namespace {

constexpr char kDiffer[] = "a broker that is settled more often differs from one that is not";

// What the broker has learned, by what it is about. It is written down with whatever batch comes
// next, so the twin may be earlier; but what it is must not depend on that.
void TakeKnowledge(core::Effects& effects, std::map<std::string, std::string>& knowledge) {
  std::erase_if(effects.records, [&](const core::Record& record) {
    std::string about;
    if (const auto* learned = std::get_if<core::LimitLearned>(&record)) {
      about = absl::StrCat(learned->account, " ", Name(learned->state.hours), " ", learned->model);
    } else if (const auto* forgotten = std::get_if<core::LimitForgotten>(&record)) {
      for (const core::HourClass hours : {core::HourClass::kPeak, core::HourClass::kOffPeak}) {
        knowledge.erase(absl::StrCat(forgotten->account, " ", Name(hours), " ", forgotten->model));
      }
      return true;
    } else if (const auto* reset = std::get_if<core::ResetKnown>(&record)) {
      about = absl::StrCat(reset->account, " window ", reset->window);
    } else if (const auto* set = std::get_if<core::PauseSet>(&record)) {
      about = absl::StrCat(set->account, " ", DescribePause(set->pause.part));
    } else if (const auto* ended = std::get_if<core::PauseEnded>(&record)) {
      about = absl::StrCat(ended->account, " ", DescribePause(ended->part));
    } else {
      const auto* happening = std::get_if<core::Happening>(&record);
      return happening != nullptr && happening->kind == core::HappeningKind::kLimit;
    }
    knowledge[about] = sim::TextOf(core::Effects{.records = {record}});
    return true;
  });
}

// Which leases hold a slot.
using Slots = std::set<core::LeaseId>;
Slots SlotsOf(const core::Broker& broker, BootTime now) {
  Slots holders;
  for (const core::AccountSnapshot& account : broker.TakeSnapshot(now).accounts) {
    for (const core::Lease& lease : account.leases) {
      if (lease.host == 0 && !lease.shadow && !lease.slotless) holders.insert(lease.id);
    }
  }
  return holders;
}

}  // namespace

void Twins::Start(const core::BrokerConfig& config, const core::WallClock& wall) {
  for (std::optional<core::Broker>* one : {&broker_, &twin_}) {
    one->emplace(config);
    (*one)->SetWallClock(wall);
  }
  effects_.Clear();
  twin_effects_.Clear();
  twin_settled_.Clear();
  knowledge_.clear();
  twin_knowledge_.clear();
  failing_ = false;
}

void Twins::Restore(const core::Recovered& recovered, BootTime now) {
  broker_->Restore(recovered, now);
  twin_->Restore(recovered, now);
}

void Twins::SetWallClock(const core::WallClock& wall) {
  broker_->SetWallClock(wall);
  twin_->SetWallClock(wall);
}

void Twins::Reconfigure(const core::BrokerConfig& config, const core::Recovered& recovered,
                        BootTime now) {
  broker_->Reconfigure(config, recovered, now, effects_);
  twin_->Reconfigure(config, recovered, now, twin_effects_);
}

void Twins::Apply(const core::Command& command, BootTime now) {
  broker_->Apply(command, now, effects_);
  twin_->Apply(command, now, twin_effects_);
}

core::Effects Twins::Settle(BootTime now) {
  broker_->Settle(now, effects_);
  twin_->Settle(now, twin_effects_);
  twin_settled_ = std::exchange(twin_effects_, {});
  core::Effects done = effects_;
  TakeKnowledge(done, knowledge_);
  TakeKnowledge(twin_settled_, twin_knowledge_);
  const std::string text = TextOf(done);
  EXPECT_EQ(text, TextOf(twin_settled_)) << kDiffer;
  EXPECT_EQ(knowledge_, twin_knowledge_) << kDiffer;
  EXPECT_EQ(broker_->NextDeadline(), twin_->NextDeadline()) << kDiffer;
  absl::StrAppend(&transcript_, "at ", now.micros(), "\n", text);
  return std::exchange(effects_, {});
}

void Twins::LedgerFailed(const absl::Status& cause, core::Effects& effects,
                         std::vector<core::AddressedEvent>& refusals) {
  std::vector<core::AddressedEvent> twin_refusals;
  failing_ = true;
  broker_->LedgerFailed(cause, effects, refusals);
  twin_->LedgerFailed(cause, twin_settled_, twin_refusals);
  core::Effects left = effects;
  TakeKnowledge(left, knowledge_);
  const std::string text = TextOf(left) + TextOf(refusals);
  EXPECT_EQ(text, TextOf(twin_settled_) + TextOf(twin_refusals)) << kDiffer;
  transcript_ += text;
}

void Twins::LedgerWorks() {
  failing_ = false;
  broker_->LedgerWorks();
  twin_->LedgerWorks();
}

void Twins::GoDown() {
  broker_->GoDown();
  twin_->GoDown();
}

void Twins::Note(BootTime now, const std::string& what) {
  absl::StrAppend(&transcript_, "at ", now.micros(), " ", what, "\n");
}

BootTime Twins::NextDeadline() const { return broker_->NextDeadline(); }

core::Snapshot Twins::TakeSnapshot(BootTime now) {
  core::Snapshot snapshot = broker_->TakeSnapshot(now);
  // Most of what it shows would also show in what the broker does; so now and then is enough.
  if (random_() % 8 == 0) {
    EXPECT_EQ(TextOf(snapshot), TextOf(twin_->TakeSnapshot(now))) << kDiffer;
  }
  return snapshot;
}

std::string Twins::Describe(BootTime now) const { return TextOf(broker_->TakeSnapshot(now)); }

void Twins::PassTime(BootTime from, BootTime to) {
  if (failing_) return;  // then nothing is granted, and nothing is due but time-outs
  const auto span = static_cast<uint64_t>(to.micros() - from.micros());
  if (span < 2) return;
  const bool look = random_() % 4 == 0;
  const auto slots = look ? SlotsOf(*twin_, from) : Slots();
  for (uint32_t times = random_() % 3; times > 0; --times) {
    const auto ahead = static_cast<int64_t>((uint64_t{random_()} << 32 | random_()) % (span - 1));
    from = std::min(from + absl::Microseconds(1 + ahead / times), to - absl::Microseconds(1));
    core::Effects nothing;
    twin_->Settle(from, nothing);
    TakeKnowledge(nothing, twin_knowledge_);
    EXPECT_EQ(TextOf(nothing), "") << "happens before NextDeadline(), at " << from.micros();
    if (!look) continue;
    EXPECT_EQ(slots, SlotsOf(*twin_, from)) << "changes hands before NextDeadline()";
  }
}

}  // namespace zbroker::sim
