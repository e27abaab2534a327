// A quota over a rolling length of time.
//
// A charge at t counts from t up to but not including t + length, exact to the microsecond. (The
// provider publishes "resets 5 hours after consumption"; see DESIGN for the seed example that
// contradicts itself.) Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_ROLLING_WINDOW_H_
#define ZBROKER_DAEMON_CORE_ROLLING_WINDOW_H_

#include <deque>
#include <optional>

#include "client/base/clock.h"
#include "daemon/core/config.h"

namespace zbroker::core {

class RollingWindow {
 public:
  explicit RollingWindow(WindowConfig config) : config_(std::move(config)) {}

  const WindowConfig& config() const { return config_; }

  // Forgets the charges that have left by `now`. Every query below is as of the last Advance.
  void Advance(BootTime now);

  // Counts a charge. Charges may come in any order of time; nearly all come last.
  void Add(BootTime at, Amount amount);

  // Takes back one charge made at `at`. REQUIRES: it was added; if it has left meanwhile, nothing
  // happens.
  void Remove(BootTime at, Amount amount);

  Amount used() const { return used_; }

  // Whether a charge may be made now. Always, when the window does not enforce.
  bool HasRoomFor(Amount amount) const;

  // Whether a charge may ever be made.
  bool CanEverFit(Amount amount) const;

  // The earliest instant at which, without further charges, there is room. REQUIRES: CanEverFit().
  BootTime RoomAt(Amount amount) const;

  // When the oldest charge leaves; empty if there is none.
  std::optional<BootTime> NextRelease() const;

 private:
  struct Entry {
    BootTime at;
    Amount amount;
  };

  bool enforced() const { return config_.enforce == Enforce::kHard; }

  WindowConfig config_;
  std::deque<Entry> entries_;  // by time
  Amount used_;                // the sum of the entries
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_ROLLING_WINDOW_H_
