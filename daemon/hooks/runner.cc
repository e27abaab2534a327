#include "daemon/hooks/runner.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/sparse_log.h"
#include "client/base/status.h"

namespace zbroker::hooks {
namespace {

// After the ledger could not be read.
constexpr int kRetryMs = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<Runner>> Runner::Start(Options options, engine::EventHub& hub,
                                                      const Clock& clock) {
  Fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return ErrnoToStatus(errno, "eventfd");
  ZB_ASSIGN_OR_RETURN(const uint64_t told_to, ledger::HooksToldTo(options.ledger_path));
  auto runner =
      std::unique_ptr<Runner>(new Runner(std::move(options), std::move(wake), told_to, clock));
  runner->subscription_ = std::make_shared<engine::EventHub::Wake>([raw = runner.get()] {
    {
      MutexLock lock(raw->mutex_);
      raw->due_ = true;
    }
    raw->Wake();
  });
  hub.Subscribe(runner->subscription_);
  runner->thread_ = std::thread([raw = runner.get()] { raw->Run(); });
  return runner;
}

Runner::Runner(Options options, Fd wake, uint64_t told_to, const Clock& clock)
    : options_(std::move(options)), clock_(clock), wake_(std::move(wake)), read_to_(told_to) {
  Configure(options_.hooks);
}

Runner::~Runner() { Stop(); }

void Runner::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
}

void Runner::Wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
}

void Runner::Configure(std::vector<core::HookConfig> hooks) {
  MutexLock lock(mutex_);
  if (std::ranges::equal(hooks, states_, {}, {}, &HookState::config)) return;
  std::vector<HookState> states;
  for (core::HookConfig& hook : hooks) {
    const auto same = std::ranges::find(states_, hook, &HookState::config);
    states.push_back(same == states_.end() ? HookState{.config = std::move(hook)} : *same);
  }
  states_ = std::move(states);
  ++generation_;
}

std::vector<HookState> Runner::States() const {
  MutexLock lock(mutex_);
  return states_;
}

void Runner::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
    }
    LookAtChildren();
    if (jobs_.empty()) ReadEvents();
    StartJobs();
    Wait();
  }
}

void Runner::LookAtChildren() {
  const BootTime now = clock_.Read().boot;
  std::erase_if(running_, [&](Running& one) {
    const auto ended = one.child.Look(now);
    if (ended) Note(one.hook, one.generation, *ended);
    return ended.has_value();
  });
}

void Runner::ReadEvents() {
  {
    MutexLock lock(mutex_);
    if (!due_) return;
    due_ = false;
  }
  absl::Status status;
  if (reader_ == nullptr) {
    auto reader = ledger::EventReader::Open(options_.ledger_path, {.after = read_to_});
    if (reader.ok()) reader_ = *std::move(reader);
    status = reader.status();
  }
  std::vector<ledger::EventRow> rows;
  if (status.ok()) {
    auto page = reader_->NextPage();
    status = page.status();
    if (page.ok()) rows = *std::move(page);
  }
  if (!status.ok()) {
    reader_.reset();
    LogWarningSparsely("hooks: ", status.message());
  }
  if (rows.empty()) return;
  for (const ledger::EventRow& row : rows) Enqueue(row);
  read_to_ = rows.back().id;
  // Nobody wanted to hear of the last ones.
  if (jobs_.empty() || jobs_.back().event != read_to_) options_.told(read_to_);
  MutexLock lock(mutex_);
  due_ = true;  // there may be another page
}

void Runner::Enqueue(const ledger::EventRow& row) {
  if (clock_.Read().wall - row.at > kOldest) return;
  const size_t before = jobs_.size();
  std::string input;
  MutexLock lock(mutex_);
  for (size_t i = 0; i < states_.size(); ++i) {
    const core::HookConfig& hook = states_[i].config;
    if (std::ranges::find(hook.on, row.kind) == hook.on.end()) continue;
    if (input.empty()) input = absl::StrCat(options_.json(row), "\n");
    jobs_.push_back({.hook = i, .generation = generation_, .input = input});
  }
  if (jobs_.size() > before) jobs_.back().event = row.id;
}

void Runner::StartJobs() {
  while (!jobs_.empty() && running_.size() < kChildrenMax) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    std::optional<core::HookConfig> hook;
    {
      MutexLock lock(mutex_);
      if (job.generation == generation_) {
        hook = states_[job.hook].config;
        ++states_[job.hook].told;
      }
    }
    if (hook) {
      std::vector<std::string> command = {"/bin/sh", "-c", hook->run};
      if (hook->run.empty()) {
        command = options_.url_command;
        command.push_back(hook->url);
      }
      auto child = Child::Start(command, job.input, clock_.Read().boot + hook->timeout);
      if (child.ok()) {
        running_.push_back({*std::move(child), job.hook, job.generation});
      } else {
        Note(job.hook, job.generation, child.status());
      }
    }
    if (job.event != 0) options_.told(job.event);
  }
}

void Runner::Note(size_t hook, int generation, const absl::Status& how) {
  const absl::Time now = clock_.Read().wall;
  MutexLock lock(mutex_);
  if (generation != generation_) return;
  HookState& state = states_[hook];
  state.trouble = std::string(how.message());
  if (how.ok()) return;
  ++state.failed;
  state.trouble_at = now;
  LogWarningSparsely("hook ", hook + 1, " (",
                     state.config.run.empty() ? state.config.url : state.config.run,
                     "): ", how.message());
}

void Runner::Wait() {
  int64_t wait_ms = -1;
  {
    MutexLock lock(mutex_);
    if (stopping_ || (due_ && jobs_.empty())) return;
  }
  if (reader_ == nullptr) wait_ms = kRetryMs;
  const BootTime now = clock_.Read().boot;
  std::vector<pollfd> fds = {{.fd = wake_.get(), .events = POLLIN}};
  for (const Running& one : running_) {
    fds.push_back({.fd = one.child.fd(), .events = POLLIN});
    const int64_t left =
        std::max<int64_t>(absl::ToInt64Milliseconds(one.child.deadline() - now) + 1, 10);
    wait_ms = wait_ms < 0 ? left : std::min(wait_ms, left);
  }
  poll(fds.data(), fds.size(), static_cast<int>(std::min<int64_t>(wait_ms, 60'000)));
  uint64_t count = 0;
  if (read(wake_.get(), &count, sizeof count) < 0 && reader_ == nullptr) {
    MutexLock lock(mutex_);
    due_ = true;
  }
}

}  // namespace zbroker::hooks
