// What a gateway needs to be told.
#ifndef ZBROKER_SHIMS_GATEWAY_OPTIONS_H_
#define ZBROKER_SHIMS_GATEWAY_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "shims/flags/lease.h"
#include "shims/gateway/target.h"
#include "shims/gateway/upstream_answer.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::gateway {

using flags::IfUnavailable;

struct Options {
  std::string listen_address = "127.0.0.1";
  uint16_t port = 8787;  // 0: any
  // A socket of loopback that listens already, from whoever holds on to it when this process ends,
  // so that no other can have its port; -1: none.
  int listener = -1;
  // An event descriptor that is told when the first request comes; -1: none.
  int served = -1;
  Upstream upstream;
  std::string token;

  // What Acquires have unless their request says otherwise: account, priority, session, parent,
  // hold_until_reset.
  v1::Acquire lease;
  std::optional<absl::Duration> timeout;  // waiting for a lease
  IfUnavailable if_unavailable = IfUnavailable::kWait;

  // How often a request is sent again that the upstream turned away for a moment.
  int retries = 10;
  UpstreamAnswer::TimeOuts upstream_time_outs;

  // Names of MCP servers' tools whose calls take leases.
  std::vector<std::string> tools = {"*"};
  // How long such a call waits if `timeout` does not say: clients give it 60 s, and it takes some
  // itself.
  absl::Duration tool_patience = absl::Seconds(40);
  absl::Duration upstream_idle = absl::Seconds(5);  // of a kept connection; zero: none is kept
  size_t body_bytes_max = 32 * 1024 * 1024;
  // All bodies together; a request that does not fit in is answered with 503.
  size_t bodies_bytes_max = size_t{2} * 1024 * 1024 * 1024;

  // Within which a connection must have shown the token: the header of its first request.
  std::chrono::milliseconds unproven_time{10'000};

  // A client of a stream hears nothing for so long, then a ping at each interval.
  std::chrono::milliseconds silence{15'000};
  // The same for one that says how long it waits. Claude Code (2.1.332) names 600 s and bears 359
  // s. What is begun can't become a 429 any more, and it takes an error that follows on pings alone
  // for a broken answer; so the later the better.
  std::chrono::milliseconds patient_silence{120'000};
  std::chrono::milliseconds ping_interval{10'000};

  bool verbose = false;  // a line on standard error for each request
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_OPTIONS_H_
