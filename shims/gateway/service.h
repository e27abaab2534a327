// What all requests of a gateway share.
#ifndef ZBROKER_SHIMS_GATEWAY_SERVICE_H_
#define ZBROKER_SHIMS_GATEWAY_SERVICE_H_

#include <cstddef>

#include "client/base/clock.h"
#include "client/broker/broker_client.h"
#include "shims/gateway/clock_check.h"
#include "shims/gateway/curl_loop.h"
#include "shims/gateway/memory.h"
#include "shims/gateway/open_calls.h"
#include "shims/gateway/options.h"
#include "shims/gateway/peer.h"
#include "shims/lease/held_lease.h"
#include "shims/lease/kept_places.h"

namespace zbroker::gateway {

class MeterWatch;

struct Service {
  asio::io_context& io;
  CurlLoop& curl;
  broker::BrokerClient& broker;
  const Options& options;
  const Clock& clock;
  SocketOwners owners = {};
  lease::Releases releases = {io};
  lease::KeptPlaces places = {};
  FailedPrompts failed_prompts = {};
  OpenCalls open_calls = {};
  Notices notices = {};
  size_t bodies_bytes = 0;      // in memory now
  bool served = false;          // a request has come
  MeterWatch* meter = nullptr;  // nullptr: nobody asks it
  ClockCheck clock_check = ClockCheck([](absl::Duration) {});
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_SERVICE_H_
