// Whose meter is asked, and with which key.
#ifndef ZBROKER_SHIMS_METER_SOURCE_H_
#define ZBROKER_SHIMS_METER_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/config/meter.h"
#include "shims/meter/command_line.h"
#include "shims/meter/key.h"
#include "shims/meter/plan_check.h"
#include "shims/tools/surroundings.h"

namespace zbroker::meter {

struct Source {
  std::string origin;  // "https://api.z.ai"
  KeyPlace key;
  ConfiguredPlan plan;
  // What keeps the meter from being asked, after an id of meter.proto; OK: nothing.
  absl::Status status;
  const char* error = "";
};

// A key goes to the host that it was given for and to no other: that of the configuration's [meter]
// to the account's upstream there, and to the provider's own hosts where none is named; one of the
// command line to what --upstream names beside it.
Source FindSource(const CommandLine& line, const config::MeterSettings& settings,
                  const tools::Surroundings& surroundings);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_SOURCE_H_
