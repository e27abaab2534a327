// The account as the provider sees it: how many requests are in service at once, which one is
// refused, which one meets a fault. Pure: no I/O, time is an argument. Not thread-safe.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_SERVICE_MODEL_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_SERVICE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "client/base/clock.h"
#include "tests/testing/upstream/settings.h"

namespace zbroker::testing {

inline constexpr size_t kRecordsMax = 10'000;
inline constexpr size_t kCountedPathsMax = 256;  // the others are counted together as "other"

enum class Outcome {
  kOk,         // answered to the last byte
  kThrottled,  // refused: over the limit, or by the draw
  kFault,      // answered as the script said, not with an ordinary answer
  kAborted,    // the client went away first
};

absl::string_view OutcomeName(Outcome outcome);

// One model request. It is in service from `started` to `finished`, unless it was throttled.
struct RequestRecord {
  uint64_t id = 0;
  std::string path;
  BootTime started;
  std::optional<BootTime> finished;
  std::optional<Outcome> outcome;
};

// Model requests since the last reset. `requests` is the sum of the outcomes and of those that
// arrived since and are in service.
struct Counters {
  int64_t requests = 0;
  int64_t ok = 0;
  int64_t throttled = 0;
  int64_t faults = 0;
  int64_t aborted = 0;
  size_t max_in_flight = 0;
  std::map<std::string, int64_t> by_path;  // all requests but control ones
};

// What to do with a request that has arrived.
struct Admission {
  uint64_t id = 0;
  bool throttled = false;  // answer 1302 at once; the request is over already
  Pace pace;
  ScriptedAnswer script;
};

class ServiceModel {
 public:
  explicit ServiceModel(Settings settings) { Configure(std::move(settings)); }

  const Settings& settings() const { return settings_; }
  // Takes effect for the requests that arrive from now on. Draws begin again from the seed.
  void Configure(Settings settings);

  // A model request has arrived completely. It is throttled if the limit is in service already,
  // else by the draw; else the next answer of the script, if any, is its own.
  Admission Arrive(absl::string_view path, BootTime now);
  // A request that counts against nothing has arrived.
  void CountOther(absl::string_view path);
  // The request's last byte is written, or its client has gone. Only the first call for an id has
  // an effect.
  void End(uint64_t id, Outcome outcome, BootTime now);

  // Forgets what has been counted and recorded. What is in service stays so, and its end will not
  // be counted.
  void Reset();

  size_t in_flight() const { return in_service_.size(); }
  const Counters& counters() const { return counters_; }
  // The last model requests, oldest first, at most kRecordsMax.
  const std::deque<RequestRecord>& records() const { return records_; }

 private:
  bool Draw();
  void CountPath(absl::string_view path);
  void Close(uint64_t id, Outcome outcome, BootTime now);

  Settings settings_;
  std::mt19937_64 random_;
  std::set<uint64_t> in_service_;
  uint64_t next_id_ = 1;
  uint64_t first_counted_id_ = 1;  // since the last reset

  Counters counters_;
  std::deque<RequestRecord> records_;  // ids are consecutive
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_SERVICE_MODEL_H_
