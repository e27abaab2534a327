#include "daemon/core/place_table.h"

#include <algorithm>

namespace zbroker::core {

void PlaceTable::Keep(Waiter waiter, BootTime now) {
  Expire(now);
  TicketKey key{waiter.client.holder.uid, waiter.request.ticket};
  if (const auto old = by_ticket_.find(key); old != by_ticket_.end()) {
    Drop(entries_.find(old->second));
  }
  if (entries_.size() >= kMax) Drop(entries_.begin());
  const Sequence sequence = ++last_;
  by_ticket_[key] = sequence;
  by_account_[waiter.request.account].insert(sequence);
  const BootTime until = std::min(now + kKept, waiter.deadline);
  entries_.emplace(sequence, Entry{std::move(key), std::move(waiter), until});
}

bool PlaceTable::Has(const TicketKey& key, BootTime now) const {
  const auto found = by_ticket_.find(key);
  return found != by_ticket_.end() && now < entries_.at(found->second).until;
}

std::optional<Waiter> PlaceTable::Take(const TicketKey& key, BootTime now) {
  const auto found = by_ticket_.find(key);
  if (found == by_ticket_.end()) return std::nullopt;
  const auto entry = entries_.find(found->second);
  std::optional<Waiter> waiter;
  if (now < entry->second.until) waiter = entry->second.waiter;
  Drop(entry);
  return waiter;
}

size_t PlaceTable::CountOf(const std::string& account, BootTime now) {
  Expire(now);
  const auto found = by_account_.find(account);
  return found == by_account_.end() ? 0 : found->second.size();
}

std::vector<const Waiter*> PlaceTable::Vanished(const std::string& account, BootTime now) const {
  std::vector<const Waiter*> all;
  const auto found = by_account_.find(account);
  if (found == by_account_.end()) return all;
  for (const Sequence sequence : found->second) {
    const Entry& entry = entries_.at(sequence);
    if (entry.waiter.client_gone() && now < entry.until) all.push_back(&entry.waiter);
  }
  std::sort(all.begin(), all.end(),
            [](const Waiter* a, const Waiter* b) { return a->order < b->order; });
  return all;
}

void PlaceTable::Drop(std::map<Sequence, Entry>::iterator entry) {
  by_ticket_.erase(entry->second.key);
  const auto account = by_account_.find(entry->second.waiter.request.account);
  account->second.erase(entry->first);
  if (account->second.empty()) by_account_.erase(account);
  entries_.erase(entry);
}

// From the front only: what ends before older ones do stays until these are over.
void PlaceTable::Expire(BootTime now) {
  while (!entries_.empty() && entries_.begin()->second.until <= now) Drop(entries_.begin());
}

}  // namespace zbroker::core
