#include "shims/agents/host.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "client/base/clock.h"
#include "client/base/status.h"
#include "shims/mcp/lines.h"
#include "shims/process/poll_time.h"

namespace zbroker::agents {
namespace {

constexpr size_t kUnsentBytesMax = size_t{1} << 20;
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr size_t kChunkBytes = 64 << 10;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

class Host {
 public:
  Host(Server& server, const Fd& input, const Fd& output)
      : server_(server), input_(input), output_(output) {}

  absl::Status Run() {
    while (!reader_gone_ && !(ended_ && (unsent_.empty() || Now() >= give_up_))) {
      pollfd fds[] = {{.fd = may_read() ? input_.get() : -1, .events = POLLIN},
                      {.fd = unsent_.empty() ? -1 : output_.get(), .events = POLLOUT}};
      const BootTime next = ended_ ? give_up_ : server_.NextLook();
      if (poll(fds, 2, process::PollTimeout(next, Now())) < 0 && errno != EINTR)
        return ErrnoToStatus(errno, "poll");
      if (fds[0].revents != 0) ZB_RETURN_IF_ERROR(Read());
      if (!ended_) server_.Look(Now());
      unsent_ += server_.TakeOutput();
      if (!unsent_.empty()) ZB_RETURN_IF_ERROR(Write());
    }
    return absl::OkStatus();
  }

 private:
  static BootTime Now() { return Clock::System().Read().boot; }
  bool may_read() const { return !ended_ && unsent_.size() < kUnsentBytesMax; }

  absl::Status Read() {
    char buffer[kChunkBytes];
    const ssize_t got = read(input_.get(), buffer, sizeof buffer);
    if (got < 0 && WouldBlock()) return absl::OkStatus();
    if (got < 0 && errno != ECONNRESET && errno != EIO) return ErrnoToStatus(errno, "input");
    if (got <= 0) {
      Take(lines_.Finish());
      ended_ = true;
      give_up_ = Now() + kPatience;
      return absl::OkStatus();
    }
    Take(lines_.Feed({buffer, static_cast<size_t>(got)}));
    return absl::OkStatus();
  }

  void Take(const std::vector<mcp::Piece>& pieces) {
    for (const mcp::Piece& piece : pieces) {
      if (piece.whole) {
        server_.Take(piece.bytes, Now());
      } else if (piece.ends) {
        server_.TakeTooLong();
      }
    }
  }

  absl::Status Write() {
    const ssize_t put = write(output_.get(), unsent_.data(), unsent_.size());
    if (put >= 0) {
      unsent_.erase(0, static_cast<size_t>(put));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      reader_gone_ = true;
    } else if (!WouldBlock()) {
      return ErrnoToStatus(errno, "output");
    }
    return absl::OkStatus();
  }

  Server& server_;
  const Fd& input_;
  const Fd& output_;
  mcp::Lines lines_{Server::kLineBytesMax};
  std::string unsent_;
  bool ended_ = false;
  bool reader_gone_ = false;
  BootTime give_up_;
};

}  // namespace

absl::Status Serve(Server& server, const Fd& input, const Fd& output) {
  return Host(server, input, output).Run();
}

}  // namespace zbroker::agents
