// Configurations, and changes of them, as text.
#ifndef ZBROKER_CLIENT_ZCTL_CONFIG_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_CONFIG_VIEW_H_

#include <string>

#include "zbroker/v1/admin.pb.h"

namespace zbroker::zctl {

// A line for each key, under one that says where all of it is from; with each one's own origin.
std::string RenderConfig(const v1::ConfigReport& report, bool origin);

// What a reload would change.
std::string RenderReloadCheck(const v1::ReloadReply& reply);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_CONFIG_VIEW_H_
