// The hosts of the upstream, as connections name them.
#ifndef ZBROKER_SHIMS_DOCTOR_TARGETS_H_
#define ZBROKER_SHIMS_DOCTOR_TARGETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/url.h"
#include "shims/doctor/tcp_table.h"

namespace zbroker::doctor {

struct Target {
  std::string name;  // "api.z.ai:443"
  Address address;
  uint16_t port = 0;
};

struct HostAndPort {
  std::string host;  // without brackets
  uint16_t port = 0;

  std::string text() const;
};

// Of a URL's origin, whose port may be the scheme's. Errors: INVALID_ARGUMENT for a port that is
// none.
absl::StatusOr<HostAndPort> HostOf(const Url& url);

// All addresses that the host has now, by the machine's resolver, for as long as that takes.
// Errors: UNAVAILABLE, with its words.
absl::StatusOr<std::vector<Target>> Resolve(const HostAndPort& host);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_TARGETS_H_
