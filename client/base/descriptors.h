// How many descriptors a process may have.
#ifndef ZBROKER_CLIENT_BASE_DESCRIPTORS_H_
#define ZBROKER_CLIENT_BASE_DESCRIPTORS_H_

#include <cstddef>

namespace zbroker {

// Raises the soft limit, which is 1024 by default, to the hard one, `most` at most. For what has a
// connection a client.
void RaiseDescriptorLimit(size_t most = 1 << 18);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_DESCRIPTORS_H_
