// The whole of a status as text.
#ifndef ZBROKER_CLIENT_ZCTL_STATUS_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_STATUS_VIEW_H_

#include <string>

#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// What is wrong comes first; then, for each account, what blocks it, how full it is, who holds its
// slots, who waits and why; last the daemon. Long lists are cut, saying where the rest is. "Now" is
// the status's own.
std::string RenderStatus(const v1::Status& status, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_STATUS_VIEW_H_
