#include "shims/meter/settings.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/config/document.h"
#include "client/config/first_error.h"
#include "client/config/table_reader.h"

namespace zbroker::meter {

absl::StatusOr<config::MeterSettings> Configured(const tools::Surroundings& surroundings) {
  const std::string path = surroundings.config_path();
  if (path.empty()) return config::MeterSettings();
  const auto text = surroundings.ReadFile(path);
  if (!text.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("configuration file ", text.status().message()));
  }
  ZB_ASSIGN_OR_RETURN(const config::Document document, config::Document::Parse(*text, path));
  config::FirstError errors(path);
  config::TableReader root(document.root(), errors);
  config::MeterSettings settings;
  if (auto table = root.Table("meter")) settings = config::ReadMeter(*table);
  if (!errors.empty()) return errors.status();
  if (absl::StartsWith(settings.key_file, "~/")) {
    settings.key_file = absl::StrCat(surroundings.home(), settings.key_file.substr(1));
  }
  return settings;
}

}  // namespace zbroker::meter
