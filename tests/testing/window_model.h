// What a window of the core counts, by a model that forgets nothing and works everything out anew
// each time. It shares no code with core::Window.
#ifndef ZBROKER_TESTS_TESTING_WINDOW_MODEL_H_
#define ZBROKER_TESTS_TESTING_WINDOW_MODEL_H_

#include <optional>
#include <vector>

#include "client/base/clock.h"
#include "daemon/core/amount.h"
#include "daemon/core/config.h"
#include "daemon/core/period.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::testing {

class WindowModel {
 public:
  struct Entry {
    BootTime at;
    core::Amount amount;
    bool foreign = false;  // then it may be less than nothing
  };

  explicit WindowModel(core::WindowConfig config) : config_(std::move(config)) {}

  std::vector<Entry> charges;    // by time
  std::optional<BootTime> said;  // the reset that was said last, or that the window remembers
  core::WallClock wall;

  // Whether a charge counts at `now`.
  bool Counts(const Entry& entry, BootTime now) const { return entry.at >= PeriodOf(now).begin; }

  core::Amount Used(BootTime now) const;

  // The next instant after `now` at which something that is more than nothing leaves, by trying
  // every one that may be.
  std::optional<BootTime> NextRelease(BootTime now) const;

 private:
  // Charges from `begin` on count until `end`.
  core::Period<BootTime> PeriodOf(BootTime now) const;
  core::Period<BootTime> ChainOf(BootTime now) const;
  core::Period<BootTime> MonthsOf(BootTime now) const;

  core::WindowConfig config_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_WINDOW_MODEL_H_
