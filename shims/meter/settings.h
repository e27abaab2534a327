// What the configuration says of asking the meter.
#ifndef ZBROKER_SHIMS_METER_SETTINGS_H_
#define ZBROKER_SHIMS_METER_SETTINGS_H_

#include "absl/status/statusor.h"
#include "client/config/meter.h"
#include "shims/tools/surroundings.h"

namespace zbroker::meter {

// `key_file` is absolute in it. Errors: those of reading the file and of its mistakes, with their
// places.
absl::StatusOr<config::MeterSettings> Configured(const tools::Surroundings& surroundings);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_SETTINGS_H_
