// `[meter]` of the configuration: how the provider's meter is asked. Those who ask it go by it; the
// daemon, which does not, only checks it.
#ifndef ZBROKER_CLIENT_CONFIG_METER_H_
#define ZBROKER_CLIENT_CONFIG_METER_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/config/table_reader.h"

namespace zbroker::config {

struct MeterSettings {
  std::optional<absl::Duration> every;
  std::string key_env;   // a variable's name; if it is set, the file is not looked at
  std::string key_file;  // an absolute path, or one that begins with "~/"
  bool gateway = false;  // gateways ask with the key that passes by
};

MeterSettings ReadMeter(TableReader& reader);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_METER_H_
