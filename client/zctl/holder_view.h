// Who holds an account's slots.
#ifndef ZBROKER_CLIENT_ZCTL_HOLDER_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_HOLDER_VIEW_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// A line for each open lease, by id, those that are nested below their hosts. A long list is cut.
// Empty if there is none.
std::string RenderHolders(const v1::AccountStatus& account, const ViewOptions& options);

// What ends a list that is cut: "… 10 more: zctl leases".
std::string MoreLine(uint32_t count, absl::string_view command, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_HOLDER_VIEW_H_
