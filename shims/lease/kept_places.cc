#include "shims/lease/kept_places.h"

#include <algorithm>
#include <utility>

namespace zbroker::lease {

void KeptPlaces::Add(uint64_t fingerprint, std::string ticket, LoopTime now) {
  if (places_.size() == kMax) places_.pop_front();
  places_.push_back({fingerprint, std::move(ticket), now + kTime});
}

std::string KeptPlaces::Take(uint64_t fingerprint, LoopTime now) {
  while (!places_.empty() && places_.front().until <= now) places_.pop_front();
  const auto found = std::find_if(places_.begin(), places_.end(), [&](const Place& place) {
    return place.fingerprint == fingerprint;
  });
  if (found == places_.end()) return "";
  std::string ticket = std::move(found->ticket);
  places_.erase(found);
  return ticket;
}

}  // namespace zbroker::lease
