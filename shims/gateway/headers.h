// Header fields, and which of them a relay may pass on.
#ifndef ZBROKER_SHIMS_GATEWAY_HEADERS_H_
#define ZBROKER_SHIMS_GATEWAY_HEADERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

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

// Of the SDKs made with Stainless, the time that a try may take until the head of the answer, at
// least a second; empty if it is not said.
std::optional<absl::Duration> ClientTimeout(const Headers& headers);

// Whether the text is such as a field may have (RFC 9110, 5.1 and 5.5). A reader may take any other
// for the end of a line, and what follows for another field.
bool IsFieldName(absl::string_view text);
bool IsFieldValue(absl::string_view text);

// What the upstream is to get of a client's fields: all but the hop-by-hop ones (RFC 9110, 7.6.1:
// Connection and those it names, and kin), Host, Content-Length and Expect, which the next hop has
// its own of, and Accept-Encoding, since an encoded answer can't be read on the way.
Headers ForUpstream(const Headers& from_client);

// What the client is to get of the upstream's fields: all but the hop-by-hop ones and
// Content-Length.
Headers ForClient(const Headers& from_upstream);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_HEADERS_H_
