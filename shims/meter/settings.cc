#include "shims/meter/settings.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/config/table_reader.h"
#include "shims/tools/account_table.h"

namespace zbroker::meter {

absl::StatusOr<config::MeterSettings> Configured(const tools::Surroundings& surroundings) {
  config::MeterSettings settings;
  ZB_RETURN_IF_ERROR(tools::ReadConfiguration(surroundings, [&](config::TableReader& root) {
    if (auto table = root.Table("meter")) settings = config::ReadMeter(*table);
  }));
  if (absl::StartsWith(settings.key_file, "~/")) {
    settings.key_file = absl::StrCat(surroundings.home(), settings.key_file.substr(1));
  }
  return settings;
}

}  // namespace zbroker::meter
