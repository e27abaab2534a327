// How the broker stands, in one line for a service manager.
#ifndef ZBROKER_DAEMON_STATUS_TEXT_H_
#define ZBROKER_DAEMON_STATUS_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/snapshot.h"

namespace zbroker {

// "3 of 3 slots, 5 waiting, 5h 62 % resets 14:05". What blocks comes first: the ledger's error,
// pauses, what the upstream has said. With several accounts each has its name before it. A line of
// at most kStatusTextMax characters, none of them a control character; times are those of `zone`,
// with the day if that is not today's.
inline constexpr size_t kStatusTextMax = 400;
std::string StatusText(const core::Snapshot& snapshot, const Now& now, absl::TimeZone zone);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_STATUS_TEXT_H_
