// What is to be written to a descriptor, whose reader may be slow, or gone.
#ifndef ZBROKER_SHIMS_MCP_OUTBOX_H_
#define ZBROKER_SHIMS_MCP_OUTBOX_H_

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "client/base/fd.h"
#include "shims/lease/asio.h"
#include "shims/lease/wakeup.h"

namespace zbroker::mcp {

using lease::asio::awaitable;

// Writes in order and never waits. It keeps whatever it is given, so that who gives has to look at
// bytes(). Not thread-safe.
class Outbox {
 public:
  // `fd` does not block. `changed` is called whenever something was written, and at the end.
  Outbox(lease::asio::io_context& io, Fd fd, std::function<void()> changed);

  // Nothing is kept once it is closed. `own`: see own_bytes().
  void Push(std::string bytes, bool own = false);
  // Closes the descriptor when all is written.
  void End();
  // Closes it now.
  void Close();

  bool closed() const { return !descriptor_.is_open(); }
  // The reader has gone before the end.
  bool broken() const { return broken_; }
  // That are not written yet.
  size_t bytes() const { return bytes_; }
  size_t own_bytes() const { return own_bytes_; }

  // Writes until it is closed.
  awaitable<void> Run();
  // Returns when the reader is gone, or when that can't be told.
  awaitable<void> AwaitReadersEnd();

 private:
  struct Item {
    std::string bytes;
    bool own = false;
  };
  void Written(size_t size);

  lease::asio::posix::stream_descriptor descriptor_;
  const std::function<void()> changed_;
  lease::Wakeup pushed_;
  std::deque<Item> queue_;
  size_t written_ = 0;  // of the first
  size_t bytes_ = 0;
  size_t own_bytes_ = 0;
  bool ends_ = false;
  bool broken_ = false;
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_OUTBOX_H_
