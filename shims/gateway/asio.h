// The names of the loop that this folder uses: those with which leases are waited for, and sockets.
#ifndef ZBROKER_SHIMS_GATEWAY_ASIO_H_
#define ZBROKER_SHIMS_GATEWAY_ASIO_H_

#include <boost/asio/ip/tcp.hpp>

#include "shims/lease/asio.h"
#include "shims/lease/wakeup.h"

namespace zbroker::gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using lease::awaitable;
using lease::error_code;
using lease::kAwait;
using lease::LoopClock;
using lease::LoopTime;
using lease::Wakeup;

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_ASIO_H_
