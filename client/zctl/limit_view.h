// Slot limits as text.
#ifndef ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_

#include <string>

#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// One line per account: its limit, who decided it, and how much of it is in use.
std::string RenderLimits(const v1::Status& status, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_
