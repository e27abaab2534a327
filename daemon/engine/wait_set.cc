#include "daemon/engine/wait_set.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

#include "client/base/process.h"
#include "client/base/status.h"

namespace zbroker::engine {
namespace {

absl::Status AddTo(const Fd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return ErrnoToStatus(errno, "can't wait for a descriptor");
  }
  return absl::OkStatus();
}

void Drain(const Fd& fd) {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = read(fd.get(), &count, sizeof count);
}

}  // namespace

absl::StatusOr<WaitSet> WaitSet::Create() {
  WaitSet set;
  set.epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  set.wake_ = Fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  set.timer_ = Fd(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!set.epoll_.valid() || !set.wake_.valid() || !set.timer_.valid()) {
    return ErrnoToStatus(errno, "can't make the engine's descriptors");
  }
  ZB_RETURN_IF_ERROR(AddTo(set.epoll_, set.wake_.get()));
  ZB_RETURN_IF_ERROR(AddTo(set.epoll_, set.timer_.get()));
  return set;
}

void WaitSet::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(wake_.get(), &one, sizeof one);
}

void WaitSet::Watch(const core::Holder& holder, core::LeaseId lease) {
  const ProcessKey key{holder.pid, holder.start_ticks};
  if (holder.pid == 0 || watched_.contains(key)) return;
  Fd fd = OpenPidfd(holder.pid);
  // Looked up after the descriptor was opened: if the start time fits, both name the same process.
  const auto stat = ReadProcessStat(holder.pid);
  if (!stat || !stat->alive() || stat->start_ticks != holder.start_ticks) {
    already_ended_.push_back({{holder.pid, holder.start_ticks}, lease});
    Wake();
    return;
  }
  if (!fd.valid() || !AddTo(epoll_, fd.get()).ok()) return;
  by_fd_[fd.get()] = key;
  // Others start no commands with ZLEASE_HOLDER in their environment.
  const bool wraps = stat->name == "zlease";
  watched_[key] = {std::move(fd), wraps ? lease : 0};
  if (wraps) by_wrapped_[lease] = key;
}

void WaitSet::Closed(core::LeaseId lease) {
  const auto found = by_wrapped_.find(lease);
  if (found == by_wrapped_.end()) return;
  watched_.at(found->second).wrapped = 0;
  by_wrapped_.erase(found);
}

void WaitSet::SetDeadline(BootTime deadline) {
  if (deadline == timer_set_to_) return;
  itimerspec spec{};
  if (deadline != BootTime::InfiniteFuture()) {
    // All zeros would disarm it.
    const int64_t us = std::max<int64_t>(deadline.micros(), 1);
    spec.it_value.tv_sec = us / 1'000'000;
    spec.it_value.tv_nsec = us % 1'000'000 * 1'000;
  }
  timer_set_to_ = deadline;
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void WaitSet::Wait() {
  // The set itself is readable as long as something in it is: nothing is taken out here.
  pollfd set{epoll_.get(), POLLIN, 0};
  poll(&set, 1, -1);
}

std::vector<WaitSet::Ended> WaitSet::Collect() {
  std::vector<Ended> ended = std::exchange(already_ended_, {});
  epoll_event events[64];
  const int count = epoll_wait(epoll_.get(), events, 64, 0);
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == wake_.get()) {
      Drain(wake_);
    } else if (fd == timer_.get()) {
      Drain(timer_);
      timer_set_to_ = BootTime::InfiniteFuture();
    } else if (const auto found = by_fd_.find(fd); found != by_fd_.end()) {
      const ProcessKey key = found->second;
      const auto watched = watched_.find(key);
      ended.push_back({{key.first, key.second}, watched->second.wrapped});
      by_wrapped_.erase(watched->second.wrapped);
      by_fd_.erase(found);
      watched_.erase(watched);  // closing it takes it out of the epoll set
    }
  }
  return ended;
}

}  // namespace zbroker::engine
