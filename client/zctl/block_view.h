// What the upstream has blocked, as text.
#ifndef ZBROKER_CLIENT_ZCTL_BLOCK_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_BLOCK_VIEW_H_

#include <string>

#include "absl/time/time.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::zctl {

// "wall of glm-4.7 until 14:00:00 (2h)".
std::string BlockTitle(const v1::Block& block, absl::Time now, absl::TimeZone zone);

// What the upstream said: "Usage limit reached (1308)"; may be empty.
std::string BlockWords(const v1::Block& block);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_BLOCK_VIEW_H_
