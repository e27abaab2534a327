// What `zctl meter --json` prints. Pure.
#ifndef ZBROKER_SHIMS_METER_OUTCOME_H_
#define ZBROKER_SHIMS_METER_OUTCOME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/meter/reader.h"
#include "shims/meter/source.h"
#include "zbroker/v1/meter.pb.h"

namespace zbroker::meter {

absl::string_view StateWord(Reader::Round::State state);

// `account`: as it is after the round; empty: the daemon does not say. `apart`: how far apart the
// meter is asked at least.
v1::MeterOutcome MakeOutcome(const Reader::Round& round, const Source& source,
                             const std::optional<v1::AccountStatus>& account, absl::Duration apart);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_OUTCOME_H_
