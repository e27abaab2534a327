// The configuration in force as the daemon tells it.
#ifndef ZBROKER_DAEMON_SETTINGS_REPORT_H_
#define ZBROKER_DAEMON_SETTINGS_REPORT_H_

#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "zbroker/v1/admin.pb.h"

namespace zbroker {

// Where the daemon finds its things, each with what says so.
struct Whereabouts {
  struct Place {
    std::string path;
    config::Origin origin = config::Origin::kDefault;
  };
  Place config_file;  // an empty path: none
  Place state_dir;
  Place socket;
};

v1::ConfigReport ReportOf(const Whereabouts& whereabouts,
                          const std::vector<config::Setting>& settings);

// On one line.
std::string ToJson(const v1::ConfigReport& report);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_SETTINGS_REPORT_H_
