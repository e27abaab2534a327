// Leases as text.
#ifndef ZBROKER_CLIENT_ZCTL_LEASE_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_LEASE_VIEW_H_

#include <string>

#include "client/zctl/table.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::zctl {

// "held", or what is out of the ordinary about it, and for how long it will be.
Cell LeaseStateCell(const v1::LeaseInfo& lease);

// One line per lease with all that is known of it.
std::string RenderLeases(const v1::LeaseList& leases, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_LEASE_VIEW_H_
