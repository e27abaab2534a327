// How often to look at what is waited for.
#ifndef ZBROKER_CLIENT_ZCTL_WAIT_RHYTHM_H_
#define ZBROKER_CLIENT_ZCTL_WAIT_RHYTHM_H_

#include <optional>

#include "absl/time/time.h"

namespace zbroker::zctl {

// Those who wait for the same instant come back over so long.
inline constexpr absl::Duration kWaitStagger = absl::Milliseconds(400);

struct WaitRhythm {
  absl::Duration interval = absl::Seconds(1);  // between two statuses of the stream
  // Instead: away until then, as time alone will change it before the next status comes.
  std::optional<absl::Duration> nap;
};

// What changes at `at`, if anybody knows, is looked at then; before, so often that what comes early
// is seen within a second. `stagger`, from 0 to 1, tells those who wait apart.
WaitRhythm RhythmFor(absl::Time now, std::optional<absl::Time> at, double stagger);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WAIT_RHYTHM_H_
