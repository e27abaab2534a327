// Header fields, and which of them a relay may pass on.
#ifndef ZBROKER_SHIMS_GATEWAY_HEADERS_H_
#define ZBROKER_SHIMS_GATEWAY_HEADERS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::gateway {

struct Header {
  std::string name;
  std::string value;
};
// In the order they came.
using Headers = std::vector<Header>;

// The value of the first field of that name, whatever its case; empty when there is none.
absl::string_view FindHeader(const Headers& headers, absl::string_view name);
void RemoveHeader(Headers& headers, absl::string_view name);

// What the upstream is to get of a client's fields: all but the hop-by-hop ones (RFC 9110, 7.6.1:
// Connection and those it names, and kin), Host, Content-Length and Expect, which the next hop has
// its own of, and Accept-Encoding, since an encoded answer can't be read on the way.
Headers ForUpstream(const Headers& from_client);

// What the client is to get of the upstream's fields: all but the hop-by-hop ones and
// Content-Length.
Headers ForClient(const Headers& from_upstream);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_HEADERS_H_
