// What the doctor can find: a closed set.
#ifndef ZBROKER_SHIMS_DOCTOR_FINDING_H_
#define ZBROKER_SHIMS_DOCTOR_FINDING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace zbroker::doctor {

enum class Severity {
  kError,    // requests fail, or what is recorded is in danger
  kWarning,  // something goes past the broker, or other than its owner believes
  kNote,     // good to know; all is well with it
};

enum class Id {
  kEnvironmentBad,
  kDaemonDown,
  kServiceDown,
  kNotInUse,
  kDaemonStopped,
  kDaemonSilent,
  kDaemonRefuses,
  kLedgerUnwritable,
  kConfigMistake,
  kVersionDiffers,
  kProgramReplaced,
  kHookFails,
  kStateForeign,
  kStateOpen,
  kStateOnNetwork,
  kRoomGone,
  kRoomLow,
  kLedgerDamaged,
  kLedgerUnchecked,
  kClockOff,
  kClockBehind,
  kClockStepped,
  kBreaker,
  kPlanFault,
  kPlanDiffers,
  kWall,
  kWindowUsedUp,
  kPaused,
  kLimitAtFloor,
  kModelLimitAtFloor,
  kShadow,
  kMeterTrouble,
  kGatewayOldToken,
  kToolGatewayDown,
  kToolGatewayForeign,
  kToolOldToken,
  kWrongEndpoint,
  kGeneralEndpoint,
  kWrongProtocol,
  kNoSuchService,
  kUrlIgnored,
  kSettingsDisagree,
  kUpstreamsDiffer,
  kSettingsUnusable,
  kRoundBroker,
  kLookFailed,
};

// A row of the table of all that can be found. In `sentence` and `fix` $0 is the subject, and $1 to
// $9 are what Make is given. Neither the name nor the meaning of one that was released changes.
struct Kind {
  Id id;
  absl::string_view name;
  Severity severity;
  absl::string_view sentence;
  absl::string_view fix;
};

absl::Span<const Kind> AllKinds();
const Kind& KindOf(Id id);

// "error", "warning", "note"
absl::string_view SeverityName(Severity severity);

struct Finding {
  Id id;
  std::string subject;
  std::string text;
  std::string fix;
};

// With the texts of the table. What comes from outside is made safe for a terminal.
Finding Make(Id id, absl::string_view subject, const std::vector<std::string>& arguments = {});

// A word of a shell's: as it is, or quoted.
std::string ShellWord(absl::string_view word);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_FINDING_H_
