// What the provider's meter says, in the windows: what others used, resets, and what is used up.
#include <utility>

#include "daemon/core/quota.h"

namespace zbroker::core {
namespace {

constexpr Amount kUsedUp = Amount::FromMicros(100'000'000);

}  // namespace

void Quota::SetFull(Window& window, const MeterRow* row, BootTime asked) {
  if (row == nullptr || !row->full) return window.SetFull(std::nullopt);
  window.SetFull(row->reset.value_or(asked + kFullUnknown));
}

void Quota::DropImplausible(MeterRead& read) const {
  for (const Entry& entry : entries_) {
    const MeterRow* row = RowFor(entry.window.config(), read.rows);
    if (row == nullptr || !row->reset || entry.window.IsPlausibleReset(*row->reset)) continue;
    read.rows[static_cast<size_t>(row - read.rows.data())].reset.reset();
  }
}

void Quota::HearMeter(MeterRead read, const Charges& under_way, BootTime now,
                      std::vector<Record>& records) {
  heard_ = now;
  const absl::Duration over = reading_ && reading_->asked < read.asked
                                  ? read.asked - reading_->asked
                                  : absl::InfiniteDuration();
  DropImplausible(read);
  for (MeterRow& row : read.rows) row.full = row.percent >= kUsedUp;
  for (Entry& entry : entries_) {
    Window& window = entry.window;
    const MeterRow* row = RowFor(window.config(), read.rows);
    SetFull(window, row, read.asked);
    if (row == nullptr) continue;
    if (row->reset && row->reset != window.reset()) window.SetReset(*row->reset);
    const Amount unsure = under_way.Of(entry.id) + window.ChargedSince(read.asked);
    const auto drift = Drift(*row, window.config(), window.used(), unsure);
    if (!drift) continue;
    const Amount wanted = window.used() + *drift;
    Amount foreign;
    bool entered = false;
    const auto enter = [&](Amount missing) {
      if (missing == Amount()) return;
      window.AddForeign(now, missing, over);
      foreign += missing;
      entered = true;
    };
    const auto missing = [&] { return wanted - window.used() - window.beyond_used(); };
    enter(missing());
    // Exactly one length before the reset, it is what began the period: what was before has left.
    enter(missing());
    // Also one of nothing, which has begun a period.
    if (entered) records.push_back(ForeignCharged{account_, entry.name(), now, foreign, over});
  }
  records.push_back(read);
  reading_ = std::move(read);
}

void Quota::DoubtMeter(std::vector<Record>& records) {
  bool doubted = false;
  if (reading_) {
    for (MeterRow& row : reading_->rows) doubted |= std::exchange(row.full, false);
  }
  if (!doubted) return;
  for (Entry& entry : entries_) entry.window.SetFull(std::nullopt);
  records.push_back(*reading_);
}

}  // namespace zbroker::core
