// What the fake upstream is told to be, by its command line and by POST /_control/config.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_SETTINGS_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_SETTINGS_H_

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/testing/upstream/error_shapes.h"

namespace zbroker::testing {

inline constexpr int64_t kLimitMax = 1'000'000;
inline constexpr int64_t kChunksMax = 100'000;
inline constexpr int64_t kKeptRequestsMax = 1'000;
inline constexpr size_t kScriptMax = 10'000;
inline constexpr size_t kBodiesMax = 100;

// What one answer of a script does. By default it is an ordinary answer.
struct ScriptedAnswer {
  absl::Duration stall_before_headers;  // before anything else; in service meanwhile

  // One of these, in this order, in place of the ordinary answer, without waiting for the service
  // time:
  bool garbage = false;             // bytes that are not HTTP, then the end of the connection
  std::optional<std::string> body;  // this text, with `status` or 502
  std::string code;                 // the error of this business code

  // Or these, in the ordinary answer:
  std::string error_in_200_stream;  // business code of an error inside the answer with status 200,
  int64_t after_chunks = 0;         // after so many chunks of a stream; 0: it is the first event
  bool reset_mid_stream = false;    // a TCP reset when half of the answer is written
  std::string finish_reason;        // instead of the usual one

  // Details of errors:
  std::string message;                   // empty: the usual text
  std::string reset;                     // YYYY-MM-DD HH:MM:SS; empty: an hour from now
  int64_t status = 0;                    // 0: the usual one of the code
  std::optional<ErrorShape> shape;       // empty: Settings::throttle_shape
  std::optional<int64_t> retry_after_s;  // empty: Settings::retry_after_s
};

// How long an answer takes. A stream lasts `service` to its first byte and then `chunks` times
// `chunk_gap`; any other answer takes just `service`.
struct Pace {
  absl::Duration service = absl::Seconds(1);
  int64_t chunks = 5;
  absl::Duration chunk_gap;
};

struct Settings {
  int64_t limit = 3;  // requests in service at once
  Pace pace;
  std::optional<ErrorShape> throttle_shape;   // of every error; empty: the path's current one
  std::optional<int64_t> retry_after_s;       // on Anthropic paths only; empty: no such header
  std::optional<int64_t> retry_after_ms;      // likewise, as retry-after-ms
  double throttle_probability = 0;            // of a 1302 that the limit does not ask for
  int64_t seed = 1;                           // of the draws for it
  int64_t keep_requests = 100;                // for GET /_control/requests
  std::deque<ScriptedAnswer> script;          // for the next model requests that are let in
  std::map<std::string, std::string> bodies;  // path → JSON, answered at once and not counted
};

// `base` with the members of `json` in place of its own; members are named as here, with
// "service_ms", "chunks", "chunk_gap_ms" for the pace and "stall_before_headers_ms". null takes
// "throttle_shape", "retry_after_s" or "retry_after_ms" away. "script" and "bodies" replace the
// whole list. Errors: INVALID_ARGUMENT, naming the member and what was expected.
absl::StatusOr<Settings> ApplySettings(const boost::json::value& json, const Settings& base);

// The settings as ApplySettings() reads them, but for the script, of which only the length is
// given, as "script_left".
boost::json::object SettingsToJson(const Settings& settings);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_SETTINGS_H_
