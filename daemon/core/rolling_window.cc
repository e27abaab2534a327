#include "daemon/core/rolling_window.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zbroker::core {

void RollingWindow::Advance(BootTime now) {
  while (!entries_.empty() && entries_.front().at + config_.length <= now) {
    used_ -= entries_.front().amount;
    entries_.pop_front();
  }
}

void RollingWindow::Add(BootTime at, Amount amount) {
  if (amount == Amount()) return;
  auto place = entries_.end();
  while (place != entries_.begin() && at < std::prev(place)->at) --place;
  entries_.insert(place, {at, amount});
  used_ += amount;
}

void RollingWindow::Remove(BootTime at, Amount amount) {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.at == at && entry.amount == amount;
  });
  if (found == entries_.rend()) return;
  used_ -= amount;
  entries_.erase(std::next(found).base());
}

bool RollingWindow::HasRoomFor(Amount amount) const {
  return !enforced() || amount == Amount() || used_ + amount <= config_.limit;
}

bool RollingWindow::CanEverFit(Amount amount) const {
  return !enforced() || amount <= config_.limit;
}

BootTime RollingWindow::RoomAt(Amount amount) const {
  BootTime at;
  Amount left = used_;
  for (const Entry& entry : entries_) {
    if (left + amount <= config_.limit) break;
    left -= entry.amount;
    at = entry.at + config_.length;
  }
  return at;
}

std::optional<BootTime> RollingWindow::NextRelease() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().at + config_.length;
}

}  // namespace zbroker::core
