// The names of Boost with which a shim waits, and how its coroutines do: errors come back as
// values.
//
// g++ 12 miscompiles `if (!co_await …)` and `co_await F(a ? b : c)`: name the value first.
#ifndef ZBROKER_SHIMS_LEASE_ASIO_H_
#define ZBROKER_SHIMS_LEASE_ASIO_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace zbroker::lease {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;

// The loop's own clock, for time-outs. It stands still in suspend, as connections do.
using LoopClock = std::chrono::steady_clock;
using LoopTime = LoopClock::time_point;

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_ASIO_H_
