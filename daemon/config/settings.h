// The configuration in force for people to look at: every key, its value, and where that comes
// from.
#ifndef ZBROKER_DAEMON_CONFIG_SETTINGS_H_
#define ZBROKER_DAEMON_CONFIG_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/core/config.h"

namespace zbroker::config {

enum class Origin { kDefault, kPlan, kFile, kEnvironment, kCommandLine };

struct Setting {
  // As in the file, dotted; a table of an array by its number from 0, a window by its name:
  // "account.default.window[5h].limit".
  std::string key;
  std::string value;  // as TOML
  Origin origin = Origin::kDefault;
  uint32_t line = 0;  // of kFile

  bool operator==(const Setting&) const = default;
};

struct Loaded {
  core::BrokerConfig config;
  std::vector<Setting> settings;
};

// As ParseConfig and LoadConfig, with what there is to say of it.
absl::StatusOr<Loaded> ParseWithSettings(absl::string_view text, const std::string& file_name);
absl::StatusOr<Loaded> LoadWithSettings(const std::string& path);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_SETTINGS_H_
