#include "daemon/settings_report.h"

#include "client/config/given.h"
#include "google/protobuf/util/json_util.h"

namespace zbroker {
namespace {

const char* OriginName(config::Origin origin) {
  switch (origin) {
    case config::Origin::kDefault:
      return "default";
    case config::Origin::kPlan:
      return "plan";
    case config::Origin::kFile:
      return "file";
    case config::Origin::kEnvironment:
      return "environment";
    case config::Origin::kCommandLine:
      return "command_line";
  }
  return "";
}

void AddPlace(const char* key, const Whereabouts::Place& place, v1::ConfigReport* report) {
  v1::Setting& setting = *report->add_settings();
  setting.set_key(key);
  setting.set_value(config::TomlString(place.path));
  setting.set_origin(OriginName(place.origin));
}

}  // namespace

v1::ConfigReport ReportOf(const Whereabouts& whereabouts,
                          const std::vector<config::Setting>& settings) {
  v1::ConfigReport report;
  report.set_config_file(whereabouts.config_file.path);
  AddPlace("config_file", whereabouts.config_file, &report);
  AddPlace("state_dir", whereabouts.state_dir, &report);
  AddPlace("socket", whereabouts.socket, &report);
  for (const config::Setting& one : settings) {
    v1::Setting& setting = *report.add_settings();
    setting.set_key(one.key);
    setting.set_value(one.value);
    setting.set_origin(OriginName(one.origin));
    setting.set_line(one.line);
  }
  return report;
}

std::string ToJson(const v1::ConfigReport& report) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // Text that is not UTF-8 has been refused as a configuration; paths may have any bytes.
  if (!google::protobuf::util::MessageToJsonString(report, &json, options).ok()) json = "{}";
  return json;
}

}  // namespace zbroker
