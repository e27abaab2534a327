// What the provider's meter says of its limits, and what that means for windows of ours. Pure
// rules.
//
// The meter counts in its own units and over lengths of its own; a limit of it is taken for the
// window of ours that has its length and counts the same thing. A plan's prompts are measured by
// the provider in tokens or credits: there, only the share of the limit can be compared.
#ifndef ZBROKER_DAEMON_CORE_METER_H_
#define ZBROKER_DAEMON_CORE_METER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/amount.h"
#include "daemon/core/blocks.h"
#include "daemon/core/config.h"

namespace zbroker::core {

// One limit of the provider's.
struct MeterRow {
  Unit unit = Unit::kCredits;  // what the provider counts
  absl::Duration length;       // zero: `months`
  int months = 0;
  // Of 100, which is used up. Cut off below its last place: so it may be more, by less than one of
  // that place.
  Amount percent;
  // In `unit`, where the provider says so. Then `percent` is exact.
  std::optional<Amount> used;
  std::optional<Amount> limit;
  std::optional<BootTime> reset;
  // Used up, and nobody has said since that he doubts it.
  bool full = false;

  bool operator==(const MeterRow&) const = default;
};

// The meter was read, at an instant not after that at which its figures were true: that at which
// it was asked.
struct MeterRead {
  std::string account;
  BootTime asked;
  std::vector<MeterRow> rows;

  bool operator==(const MeterRead&) const = default;
};

// Why it could not be read, or its reading not be taken.
struct MeterTrouble {
  std::string text;  // empty: there is none
  BootTime at;
};

// A reading that was asked for so long ago says nothing of now.
inline constexpr absl::Duration kReadingOldest = absl::Minutes(2);
// For how long a window is taken to be used up of which nobody knows when it is reset.
inline constexpr absl::Duration kFullUnknown = absl::Hours(1);

// The row that speaks of the window; nullptr: none does. Of several, one in its own unit, else the
// one that has the least room.
const MeterRow* RowFor(const WindowConfig& window, const std::vector<MeterRow>& rows);

// What has to be added to the window to bring it to what the row says: nothing where both may be
// right. `used` is what the window counts, and `unsure` what of it the provider may not have
// counted yet: charges of requests that were under way, or came later. Less than nothing: we
// counted too much. Empty: the row says nothing that can be compared.
std::optional<Amount> Drift(const MeterRow& row, const WindowConfig& window, Amount used,
                            Amount unsure);

// Whether the rows show that what the wall spoke of has room again. Every limit that it may have
// meant by its scope has to have room, well below where figures that lag behind would stand; and
// one of them has to be as long as the wall is. A wall of a single model is none of the meter's.
bool ShowRoom(const std::vector<MeterRow>& rows, const Block& wall);

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_METER_H_
