// What the tests of the relay's parts share: they run the loop themselves, until something is so.
#ifndef ZBROKER_TESTS_UNIT_GATEWAY_LOOP_H_
#define ZBROKER_TESTS_UNIT_GATEWAY_LOOP_H_

#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <thread>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// False when it does not come true within half a minute.
template <typename Condition>
bool RunUntil(asio::io_context& io, const Condition& condition) {
  const LoopTime deadline = LoopClock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (LoopClock::now() >= deadline) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(10));
  }
  return true;
}

// Runs a loop on a thread of its own, for tests that speak with it over sockets.
class LoopThread {
 public:
  explicit LoopThread(asio::io_context& io)
      : io_(io), work_(asio::make_work_guard(io)), thread_([&io] { io.run(); }) {}
  ~LoopThread() {
    io_.stop();
    thread_.join();
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

 private:
  asio::io_context& io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_TESTS_UNIT_GATEWAY_LOOP_H_
