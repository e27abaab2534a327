// One question to the meter over HTTP.
#ifndef ZBROKER_SHIMS_METER_FETCH_H_
#define ZBROKER_SHIMS_METER_FETCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "shims/meter/key.h"

namespace zbroker::meter {

// On bad days it has taken 23 s.
inline constexpr absl::Duration kAnswerTime = absl::Seconds(30);

struct Fetched {
  int status = 0;
  std::string body;  // at most zai::kMeterBytesMax and a byte
};

// GETs the URL, and blocks for kAnswerTime at most. Follows no redirection: the key is for this
// host alone. Proxies and certificates are those of the environment. Errors: UNAVAILABLE, saying
// what went wrong, without the key. REQUIRES: libcurl is initialised.
absl::StatusOr<Fetched> Fetch(const std::string& url, const Key& key);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_FETCH_H_
