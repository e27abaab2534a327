// How full an account is: a bar for its slots, one for each pool, and one for each window.
#ifndef ZBROKER_CLIENT_ZCTL_GAUGES_H_
#define ZBROKER_CLIENT_ZCTL_GAUGES_H_

#include <string>

#include "absl/time/time.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// A line each, and one more for each further thing that is to be said of it, for example
//   slots      █████░░░░░  2 of 4 in flight         limit 4, learned; configured 3
//     *flash*  ██████████  1 of 1 in flight
//   5h         █░░░░░░░░░  87 of 600 prompts   14%  next ages out 14:05:00 (1h51m)
//                                                   runs out ~14:20 at this rate
// A window without a limit has no bar. Bars take the room that the text leaves, if it is enough.
std::string RenderGauges(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_GAUGES_H_
