#include "shims/mcp/outbox.h"

#include <boost/asio/buffer.hpp>
#include <utility>

namespace zbroker::mcp {

using lease::error_code;
using lease::kAwait;

namespace {

constexpr size_t kJoinedBytesMax = size_t{64} << 10;

}  // namespace

Outbox::Outbox(lease::asio::io_context& io, Fd fd, std::function<void()> changed)
    : descriptor_(io, fd.Release()), changed_(std::move(changed)), pushed_(io) {}

void Outbox::Push(std::string bytes, bool own) {
  if (closed() || ends_ || bytes.empty()) return;
  bytes_ += bytes.size();
  if (own) own_bytes_ += bytes.size();
  // The first is being written. Many small lines are written together.
  const bool joins = queue_.size() > 1 && queue_.back().own == own &&
                     queue_.back().bytes.size() + bytes.size() <= kJoinedBytesMax;
  if (joins) {
    queue_.back().bytes += bytes;
  } else {
    queue_.push_back({std::move(bytes), own});
  }
  pushed_.Notify();
}

void Outbox::End() {
  ends_ = true;
  pushed_.Notify();
}

void Outbox::Close() {
  error_code ignored;
  descriptor_.close(ignored);
  queue_.clear();
  bytes_ = own_bytes_ = written_ = 0;
  pushed_.Notify();
}

void Outbox::Written(size_t size) {
  Item& first = queue_.front();
  written_ += size;
  bytes_ -= size;
  if (first.own) own_bytes_ -= size;
  if (written_ < first.bytes.size()) return;
  queue_.pop_front();
  written_ = 0;
}

awaitable<void> Outbox::Run() {
  while (!closed()) {
    if (queue_.empty()) {
      if (ends_) break;
      co_await pushed_.Wait();
      continue;
    }
    const std::string& first = queue_.front().bytes;
    const auto rest = lease::asio::buffer(first.data() + written_, first.size() - written_);
    const auto [error, size] = co_await descriptor_.async_write_some(rest, kAwait);
    if (closed()) break;
    if (error) {
      broken_ = true;
      break;
    }
    Written(size);
    changed_();
  }
  Close();
  changed_();
}

awaitable<void> Outbox::AwaitReadersEnd() {
  const auto [error] =
      co_await descriptor_.async_wait(lease::asio::posix::stream_descriptor::wait_error, kAwait);
  if (error || closed()) co_return;
  broken_ = true;
  Close();
  changed_();
}

}  // namespace zbroker::mcp
