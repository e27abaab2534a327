// What leases charge the windows of their account, from the grant to the end.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/account.h"

namespace zbroker::core {
namespace {

// A month, as the upstream may round it.
constexpr absl::Duration kShortestMonth = absl::Hours(24 * 28);

bool IsOfLength(const WindowConfig& window, absl::Duration length) {
  if (window.months > 0) return length >= kShortestMonth;
  return window.length == length;
}

}  // namespace

std::vector<Amount> Account::ChargesFor(const Request& request, BootTime now) const {
  std::vector<Amount> charges;
  charges.reserve(windows_.size());
  for (const Window& window : windows_) {
    charges.push_back(prices_.ChargeFor(window.config(), request, wall_.At(now)));
  }
  return charges;
}

absl::Status Account::CheckFits(const std::vector<Amount>& charges) const {
  if (config_.shadow) return absl::OkStatus();
  for (size_t i = 0; i < charges.size(); ++i) {
    if (windows_[i].CanEverFit(charges[i])) continue;
    const WindowConfig& window = windows_[i].config();
    return absl::FailedPreconditionError(
        absl::StrCat("weight ", charges[i].ToDouble(), " can never fit into window ", window.name,
                     " of account ", name(), ", whose limit is ", window.limit.ToDouble()));
  }
  return absl::OkStatus();
}

std::vector<Amount> Account::BeyondCredit(const Lease& host, std::vector<Amount> charges) const {
  for (const Charge& credit : host.credit) {
    for (size_t i = 0; i < charges.size(); ++i) {
      if (windows_[i].config().name == credit.window) {
        charges[i] -= std::min(charges[i], credit.amount);
      }
    }
  }
  return charges;
}

std::vector<Charge> Account::AddCharges(BootTime at, const std::vector<Amount>& charges) {
  std::vector<Charge> named;
  for (size_t i = 0; i < charges.size(); ++i) {
    if (charges[i] == Amount()) continue;
    Window& window = windows_[i];
    const bool excess = window.Exceeds(charges[i]);
    if (excess) window.BeginExcess();
    window.Add(at, charges[i]);
    named.push_back({window.config().name, charges[i], excess});
  }
  return named;
}

void Account::EndCharges(const Lease& lease, bool take_back) {
  for (const Charge& charge : lease.charges) {
    Window* window = FindWindow(charge.window);
    if (window == nullptr) continue;
    if (charge.excess) window->EndExcess();
    if (take_back) window->Remove(lease.granted, charge.amount);
  }
}

void Account::Settle(const Lease& lease, const TokenUsage& usage, LeaseClosed& closed) {
  const auto amount_of = [](const std::vector<Charge>& charges, const std::string& window) {
    const auto found = std::find_if(charges.begin(), charges.end(),
                                    [&](const Charge& one) { return one.window == window; });
    return found == charges.end() ? Amount() : found->amount;
  };
  for (Window& window : windows_) {
    const std::string& name = window.config().name;
    const auto cost =
        prices_.Settle(window.config(), lease.request, usage, wall_.At(lease.granted));
    if (!cost) continue;
    const Amount before = amount_of(lease.charges, name);
    const Amount after = *cost - std::min(*cost, amount_of(lease.set_off, name));
    if (after == before) continue;
    window.Replace(lease.granted, before, after);
    closed.settled.push_back({name, after});
  }
  prices_.Learn(lease.request.model, usage);
}

void Account::MarkExcess(Lease& lease) {
  for (Charge& charge : lease.charges) {
    Window* window = FindWindow(charge.window);
    charge.excess = window != nullptr && window->config().enforce == Enforce::kProbe &&
                    window->used() > window->config().limit;
    if (charge.excess) window->BeginExcess();
  }
}

// The windows of the length that the upstream names; if it names none, the only one that it can
// have meant: a wall of a week or a month does not always say which.
void Account::LearnReset(const Lease& lease, BootTime reset, std::optional<absl::Duration> length) {
  // A window of prompts that is used up refuses the calls that go with them too, and what weighs
  // nothing.
  Request request = lease.request;
  if (request.kind == Kind::kCall) request.kind = Kind::kPrompt;
  request.weight = Amount::FromMicros(1'000'000);
  std::vector<Window*> meant;
  for (Window& window : windows_) {
    const bool limited =
        prices_.ChargeFor(window.config(), request, wall_.At(lease.granted)) > Amount();
    if (!limited || !window.IsPlausibleReset(reset)) continue;
    if (!length || IsOfLength(window.config(), *length)) meant.push_back(&window);
  }
  if (!length && meant.size() != 1) return;
  for (Window* window : meant) window->SetReset(reset);
}

std::vector<ResetKnown> Account::TakeResets() {
  std::vector<ResetKnown> changed;
  for (size_t i = 0; i < windows_.size(); ++i) {
    const std::optional<BootTime> known = windows_[i].known_reset();
    if (known == recorded_resets_[i]) continue;
    recorded_resets_[i] = known;
    changed.push_back({name(), windows_[i].config().name, known});
  }
  return changed;
}

void Account::RestoreReset(const ResetKnown& known) {
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].config().name != known.window) continue;
    if (known.at) windows_[i].SetReset(*known.at);
    recorded_resets_[i] = windows_[i].known_reset();
  }
}

}  // namespace zbroker::core
