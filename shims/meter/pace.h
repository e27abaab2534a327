// When the meter is asked next. Pure.
#ifndef ZBROKER_SHIMS_METER_PACE_H_
#define ZBROKER_SHIMS_METER_PACE_H_

#include "absl/time/time.h"

namespace zbroker::meter {

// Bursts have cost people their token.
inline constexpr absl::Duration kApartMin = absl::Seconds(60);
inline constexpr absl::Duration kEveryDefault = absl::Minutes(5);
inline constexpr absl::Duration kEveryMax = absl::Hours(24);

// Without a daemon nobody is asked, and it may be back any time.
inline constexpr absl::Duration kAwayGap = absl::Seconds(2);

// Regularly; after troubles in a row each time twice as late, up to half an hour; and half an hour
// where the meter has nothing to say. Walls change nothing: they may end early.
class Pace {
 public:
  static constexpr absl::Duration kSlowest = absl::Minutes(30);

  explicit Pace(absl::Duration every) : every_(every) {}

  enum class Result { kRead, kSilent, kTrouble, kAway };
  void Ended(Result result);

  // From the beginning of one to that of the next.
  absl::Duration gap() const;

 private:
  absl::Duration every_;
  int troubles_ = 0;
  bool silent_ = false;
  bool away_ = false;
};

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_PACE_H_
