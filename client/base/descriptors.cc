#include "client/base/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace zbroker {

void RaiseDescriptorLimit(size_t most) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t raised = std::min<rlim_t>(limit.rlim_max, most);
  if (raised <= limit.rlim_cur) return;
  limit.rlim_cur = raised;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace zbroker
