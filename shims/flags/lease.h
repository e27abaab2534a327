// How to lease: the options, and the variables of the environment, that zlease and its gateway have
// in common.
#ifndef ZBROKER_SHIMS_FLAGS_LEASE_H_
#define ZBROKER_SHIMS_FLAGS_LEASE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "zbroker/v1/broker.pb.h"

namespace CLI {
class App;
}

namespace zbroker::flags {

// The lease under which a program was started.
inline constexpr char kParentVariable[] = "ZLEASE_PARENT";
// The priority of leases that are taken without --priority.
inline constexpr char kPriorityVariable[] = "ZLEASE_PRIORITY";

// Without a daemon: wait for it and then fail, fail at once, or wait and then go on without a
// lease.
enum class IfUnavailable { kWait, kFail, kRun };

// As CLI11 fills them in.
struct LeaseFlags {
  std::string account, session, priority, by, timeout, broker_timeout = "30s",
                                                       if_unavailable = "wait";
  bool hold_until_reset = false;
};

// What --help says of those that mean something else to one program than to the other.
struct LeaseTexts {
  std::string session, timeout, if_unavailable, hold_until_reset;
};

// Both `app` and `flags` must live until the command line is parsed.
void Declare(CLI::App& app, LeaseFlags& flags, const LeaseTexts& texts);

struct LeaseTerms {
  // account, session, priority (unspecified, if there was no flag), patience and hold_until_reset.
  v1::Acquire request;
  std::optional<absl::Duration> timeout;  // waiting for a slot
  absl::Duration broker_timeout;          // waiting for an absent daemon
  IfUnavailable if_unavailable;
};

// REQUIRES: CLI11 has checked the flags.
LeaseTerms ToTerms(const LeaseFlags& flags);

// Takes the priority of a request that has none from the environment, if that has one. Errors:
// INVALID_ARGUMENT, naming the variable and the words that it may be.
absl::Status SettlePriority(v1::Acquire& request);

// The word for --priority; empty: unspecified.
absl::string_view PriorityWord(v1::Priority priority);

// What a value of kParentVariable names; 0 if that is no lease.
uint64_t ToLeaseId(absl::string_view text);

}  // namespace zbroker::flags

#endif  // ZBROKER_SHIMS_FLAGS_LEASE_H_
