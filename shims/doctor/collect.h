// All looks, within a time.
#ifndef ZBROKER_SHIMS_DOCTOR_COLLECT_H_
#define ZBROKER_SHIMS_DOCTOR_COLLECT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/url.h"
#include "shims/doctor/facts.h"

namespace zbroker::doctor {

struct CollectOptions {
  absl::Duration timeout = absl::Seconds(5);
  // Hosts that count as the upstream's, besides those that the facts name.
  std::vector<Url> upstreams;
};

// Looks at everything at once. What is not done in time is left behind, with threads that go on: so
// the process is to end with _exit.
Facts Collect(const CollectOptions& options);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_COLLECT_H_
