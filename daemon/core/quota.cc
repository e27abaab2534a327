#include "daemon/core/quota.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

constexpr Amount kSmallestCharge = Amount::FromMicros(1'000'000);
// A month, as the upstream may round it.
constexpr absl::Duration kShortestMonth = absl::Hours(24 * 28);

// Whether weight rules change what is charged.
bool IsWeighted(Unit unit) { return unit != Unit::kTokens && unit != Unit::kMcpCalls; }

bool IsOfLength(const WindowConfig& window, absl::Duration length) {
  if (window.months > 0) return length >= kShortestMonth;
  return window.length == length;
}

}  // namespace

void Quota::Configure(const AccountConfig& config) {
  account_ = config.name;
  shadow_ = config.shadow;
  off_peak_ = config.off_peak;
  entries_.clear();
  for (const WindowConfig& window : config.windows) {
    entries_.push_back({Window(window), IdOf(window.name), std::nullopt});
    entries_.back().window.SetWallClock(wall_);
  }
  prices_.Configure(config);
}

Charges::WindowId Quota::IdOf(const std::string& name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) {
    names_.push_back(name);
    return static_cast<Charges::WindowId>(names_.size() - 1);
  }
  return static_cast<Charges::WindowId>(found - names_.begin());
}

Quota::Entry* Quota::Find(const std::string& name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name() == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const Quota::Entry* Quota::Find(Charges::WindowId id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

Quota::Entry* Quota::Find(Charges::WindowId id) {
  return const_cast<Entry*>(std::as_const(*this).Find(id));
}

void Quota::Recall(const Recovered::PastCharges& past) {
  Entry* entry = Find(past.window);
  if (entry == nullptr) return;
  for (const auto& [at, amount] : past.charges) entry->window.Add(at, amount);
}

void Quota::Recall(const ResetKnown& known) {
  Entry* entry = Find(known.window);
  if (entry == nullptr) return;
  if (known.at) entry->window.SetReset(*known.at);
  // Where charges since then have begun periods, these are to be recorded: one that turns out late
  // to have been made before them would else be taken to have begun them.
  entry->recorded_reset = known.at;
}

void Quota::Recall(const ForeignCharged& past) {
  heard_ = std::max(heard_.value_or(past.at), past.at);
  if (Entry* entry = Find(past.window)) {
    entry->window.AddForeign(past.at, past.amount, past.over);
  }
}

void Quota::Recall(const MeterRead& read) {
  reading_ = read;
  for (Entry& entry : entries_) {
    SetFull(entry.window, RowFor(entry.window.config(), reading_->rows), read.asked);
  }
}

Charges Quota::Named(const std::vector<core::Charge>& charges) {
  Charges named;
  for (const core::Charge& charge : charges) {
    Charges one;
    one.parts_.push_back({IdOf(charge.window), charge.amount, false});
    named.Add(one);
  }
  return named;
}

void Quota::RecallLease(Charges& charges) {
  for (Charges::Part& part : charges.parts_) {
    Entry* entry = Find(part.window);
    part.excess = entry != nullptr && entry->window.config().enforce == Enforce::kProbe &&
                  entry->window.used() > entry->window.config().limit;
    if (part.excess) entry->window.BeginExcess();
  }
}

void Quota::Advance(BootTime now, const WallClock& wall) {
  now_ = now;
  if (wall != wall_) {
    wall_ = wall;
    for (Entry& entry : entries_) entry.window.SetWallClock(wall);
  }
  for (Entry& entry : entries_) entry.window.Advance(now);
}

Charges Quota::Price(const Request& request, BootTime at) const {
  Charges charges;
  for (const Entry& entry : entries_) {
    const Amount amount = prices_.ChargeFor(entry.window.config(), request, wall_.At(at));
    if (amount == Amount()) continue;
    Charges one;
    one.parts_.push_back({entry.id, amount, false});
    one.windows_ = WindowSet{1} << IndexOf(entry);
    charges.Add(one);
  }
  return charges;
}

absl::Status Quota::CheckFits(const Charges& charges) const {
  if (shadow_) return absl::OkStatus();
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr || entry->window.CanEverFit(part.amount)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "weight ", part.amount.ToDouble(), " can never fit into window ", entry->name(),
        " of account ", account_, ", whose limit is ", entry->window.config().limit.ToDouble()));
  }
  return absl::OkStatus();
}

WindowSet Quota::Lacking(const Charges& charges) const {
  WindowSet lacking = 0;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry != nullptr && !entry->window.HasRoomFor(part.amount)) {
      lacking |= WindowSet{1} << IndexOf(*entry);
    }
  }
  return lacking;
}

BootTime Quota::RoomAt(const Charges& charges) const {
  BootTime room;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr || entry->window.HasRoomFor(part.amount)) continue;
    room = std::max(room, entry->window.RoomAt(part.amount));
  }
  return room;
}

BootTime Quota::NextRoom(const Charges& charges) const {
  BootTime next = BootTime::InfiniteFuture();
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr || entry->window.HasRoomFor(part.amount)) continue;
    next = std::min(next, entry->window.RoomAt(part.amount));
  }
  return next;
}

std::optional<Quota::Lack> Quota::Explain(const Charges& charges) const {
  std::optional<Lack> longest;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr || entry->window.HasRoomFor(part.amount)) continue;
    if (entry->window.Exceeds(part.amount)) {
      if (!longest || !longest->room) longest = Lack{entry->name(), std::nullopt};
      continue;
    }
    const BootTime room = entry->window.RoomAt(part.amount);
    if (longest && longest->room && *longest->room >= room) continue;
    longest = Lack{entry->name(), room};
  }
  return longest;
}

std::optional<Quota::Lack> Quota::UsedUp(const Charges& charges) const {
  std::optional<Lack> longest;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr || !entry->window.full() || entry->window.HasRoomFor(part.amount))
      continue;
    const BootTime until = entry->window.full_until();
    if (!longest || *longest->room < until) longest = Lack{entry->name(), until};
  }
  return longest;
}

WindowSet Quota::Ahead(const Charges& charges) const {
  WindowSet ahead = 0;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry != nullptr && entry->window.PaceAt(part.amount) > now_) {
      ahead |= WindowSet{1} << IndexOf(*entry);
    }
  }
  return ahead;
}

std::optional<Quota::Lack> Quota::ExplainPace(const Charges& charges, bool made) const {
  std::optional<Lack> longest;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry == nullptr) continue;
    const BootTime at = entry->window.PaceAt(made ? Amount() : part.amount);
    if (at > now_ && (!longest || *longest->room < at)) longest = Lack{entry->name(), at};
  }
  return longest;
}

std::optional<Quota::Cheaper> Quota::CheaperLater(const Request& request,
                                                  const Charges& charges) const {
  const auto is_weighted = [&](const Charges::Part& part) {
    const Entry* entry = Find(part.window);
    return entry != nullptr && IsWeighted(entry->window.config().unit);
  };
  if (!off_peak_ || !std::ranges::any_of(charges.parts_, is_weighted)) return std::nullopt;
  const std::string model = request.kind == Kind::kMcp ? "" : request.model;
  const absl::Time now = wall_.At(now_);
  const absl::Time cheaper = prices_.CheaperAt(model, now);
  if (cheaper == absl::InfiniteFuture()) return std::nullopt;
  return Cheaper{.at = wall_.BootAt(cheaper), .weight_now = prices_.WeightOf(model, now)};
}

std::string Quota::Shared(WindowSet windows, const Charges& charges) const {
  std::string name;
  for (const Charges::Part& part : charges.parts_) {
    const Entry* entry = Find(part.window);
    if (entry != nullptr && (windows >> IndexOf(*entry) & 1) != 0) name = entry->name();
  }
  return name;
}

bool Quota::FitWithin(const Charges& charges) const {
  return std::all_of(charges.parts_.begin(), charges.parts_.end(), [&](const Charges::Part& part) {
    const Entry* entry = Find(part.window);
    return entry == nullptr || entry->window.config().enforce != Enforce::kHard ||
           entry->window.used() <= entry->window.config().limit;
  });
}

BootTime Quota::NextRelease() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const Entry& entry : entries_) {
    next = std::min(next, entry.window.NextRelease().value_or(BootTime::InfiniteFuture()));
  }
  return next;
}

void Quota::Charge(Charges& charges, BootTime at) {
  for (Charges::Part& part : charges.parts_) {
    Entry* entry = Find(part.window);
    if (entry == nullptr) continue;
    part.excess = entry->window.Exceeds(part.amount);
    if (part.excess) entry->window.BeginExcess();
    entry->window.Add(at, part.amount);
  }
}

void Quota::End(const Charges& charges, BootTime at, bool take_back) {
  for (const Charges::Part& part : charges.parts_) {
    Entry* entry = Find(part.window);
    if (entry == nullptr) continue;
    if (part.excess) entry->window.EndExcess();
    if (take_back) entry->window.Remove(at, part.amount);
  }
}

std::vector<core::Charge> Quota::Settle(const Lease& lease, const Charges& set_off,
                                        const TokenUsage& usage) {
  std::vector<core::Charge> settled;
  for (Entry& entry : entries_) {
    const auto cost =
        prices_.Settle(entry.window.config(), lease.request, usage, wall_.At(lease.granted));
    if (!cost) continue;
    const Amount before = lease.charges.Of(entry.id);
    const Amount after = *cost - std::min(*cost, set_off.Of(entry.id));
    if (after == before) continue;
    entry.window.Replace(lease.granted, before, after);
    settled.push_back({entry.name(), after});
  }
  prices_.Learn(lease.request.model, usage);
  return settled;
}

std::vector<core::Charge> Quota::Names(const Charges& charges) const {
  std::vector<core::Charge> named;
  for (const Charges::Part& part : charges.parts_) {
    named.push_back({names_[part.window], part.amount, part.excess});
  }
  return named;
}

void Quota::LearnReset(const Lease& lease, BootTime reset, std::optional<absl::Duration> length) {
  // A window of prompts that is used up refuses the calls that go with them too, and what weighs
  // nothing.
  Request request = lease.request;
  if (request.kind == Kind::kCall) request.kind = Kind::kPrompt;
  request.weight = kSmallestCharge;
  std::vector<Window*> meant;
  for (Entry& entry : entries_) {
    Window& window = entry.window;
    const bool limited =
        prices_.ChargeFor(window.config(), request, wall_.At(lease.granted)) > Amount();
    if (!limited || !window.IsPlausibleReset(reset)) continue;
    if (!length || IsOfLength(window.config(), *length)) meant.push_back(&window);
  }
  if (!length && meant.size() != 1) return;
  for (Window* window : meant) window->SetReset(reset);
}

std::vector<ResetKnown> Quota::TakeResets() {
  std::vector<ResetKnown> changed;
  for (Entry& entry : entries_) {
    const std::optional<BootTime> known = entry.window.known_reset();
    if (known == entry.recorded_reset) continue;
    entry.recorded_reset = known;
    changed.push_back({account_, entry.name(), known});
  }
  return changed;
}

std::vector<WindowSnapshot> Quota::View() const {
  std::vector<WindowSnapshot> all;
  for (const Entry& entry : entries_) {
    const Window& window = entry.window;
    const BootTime pace = window.PaceAt(kSmallestCharge);
    all.push_back({.config = window.config(),
                   .used = window.used(),
                   .foreign = window.foreign(),
                   .full = window.full(),
                   .next_release = window.NextRelease(),
                   .exhausted = window.full() || !window.HasRoomFor(kSmallestCharge),
                   .reset = window.reset(),
                   .runs_out = window.RunsOut(),
                   .ahead_until = pace > now_ ? std::optional(pace) : std::nullopt});
    if (!reading_) continue;
    if (const MeterRow* row = RowFor(window.config(), reading_->rows)) all.back().meter = *row;
  }
  return all;
}

}  // namespace zbroker::core
