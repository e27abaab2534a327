#include "shims/mcp/host.h"

#include <signal.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/bounds.h"
#include "client/base/clock.h"
#include "client/base/container.h"
#include "client/base/proto_time.h"
#include "shims/lease/verdict.h"
#include "shims/mcp/own_words.h"
#include "shims/process/say.h"

namespace zbroker::mcp {
namespace {

using lease::error_code;
using lease::kAwait;
using lease::LoopClock;
using lease::LoopTime;

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr std::chrono::seconds kReleaseTime{5};
constexpr std::chrono::milliseconds kEndCheck{2};
// Without pidfds (kernels before 5.3) look twenty times a second.
constexpr std::chrono::milliseconds kLook{50};
// By then we have refused the call ourselves.
constexpr absl::Duration kDeadlineMargin = absl::Seconds(5);

Now ReadClock() { return Clock::System().Read(); }

broker::BrokerClient::Options BrokerOptions(const Options& options) {
  const bool at_once = options.if_unavailable == flags::IfUnavailable::kFail;
  return {.client_name = "zlease mcp",
          .broker_timeout = at_once ? absl::ZeroDuration() : options.broker_timeout};
}

// How a lease ends whose call was not answered.
v1::ReleaseDetails DetailsOf(Release::How how) {
  v1::ReleaseDetails details;
  details.set_unused(how == Release::How::kUnused);
  details.set_under_way(how != Release::How::kUnused);
  if (how == Release::How::kUnanswered) details.set_message("the server did not answer");
  if (how == Release::How::kServerGone) details.set_message("the server ended");
  return details;
}

}  // namespace

Host::Host(const Options& options, const Plan& plan, const process::Spawned& server, Client client,
           ServerPipes pipes, process::Signals& signals)
    : options_(options),
      plan_(plan),
      server_(server),
      signals_(signals),
      broker_(broker::BrokerClient::Create(BrokerOptions(options))),
      relay_(Terms{.tools = plan.tools, .patience = plan.patience}),
      from_client_(io_, client.input.Release()),
      from_server_(io_, pipes.from_server.Release()),
      to_server_(io_, std::move(pipes.to_server), [this] { InputChanged(); }),
      to_client_(io_, std::move(client.output), [this] { OutputChanged(); }) {}

process::ChildEnd Host::Run() {
  Start(WatchServer());
  Start(WatchSignals());
  Start(WatchClient());
  Start(to_server_.Run());
  Start(to_client_.Run());
  Start(ReadServer());
  Start(ReadClient());
  Start(Tick());
  Start(Finish());
  io_.run();
  return process::WaitFor(server_);
}

void Host::Start(awaitable<void> coroutine) {
  // What it throws is that memory is out, as all else is a value.
  lease::asio::co_spawn(io_, std::move(coroutine), [](const std::exception_ptr& thrown) {
    if (thrown != nullptr) std::rethrow_exception(thrown);
  });
}

bool Host::may_read_client() const {
  return to_server_.bytes() <= kMcpUnsentBytesMax &&
         to_client_.own_bytes() + relay_.held_back_bytes() <= kMcpUnsentBytesMax;
}

bool Host::may_read_server() const { return to_client_.bytes() <= kMcpUnsentBytesMax; }

awaitable<void> Host::ReadClient() {
  std::vector<char> buffer(kReadBytes);
  Lines lines(kMcpLineBytesMax);
  while (!client_gone_ && !to_server_.broken()) {
    if (!may_read_client()) {
      co_await client_changed_.Wait();
      continue;
    }
    const auto [error, size] =
        co_await from_client_.async_read_some(lease::asio::buffer(buffer), kAwait);
    if (error) break;
    for (Piece& piece : lines.Feed({buffer.data(), size})) {
      Do(relay_.FromClient(std::move(piece), ReadClock()));
    }
  }
  error_code ignored;
  from_client_.close(ignored);
  if (client_gone_) co_return;
  for (Piece& piece : lines.Finish()) Do(relay_.FromClient(std::move(piece), ReadClock()));
  Do(relay_.ClientInputEnded());
}

awaitable<void> Host::ReadServer() {
  std::vector<char> buffer(kReadBytes);
  Lines lines(kMcpLineBytesMax);
  while (from_server_.is_open()) {
    if (!may_read_server()) {
      co_await server_changed_.Wait();
      continue;
    }
    const auto [error, size] =
        co_await from_server_.async_read_some(lease::asio::buffer(buffer), kAwait);
    if (error) break;
    for (Piece& piece : lines.Feed({buffer.data(), size})) {
      Do(relay_.FromServer(std::move(piece), ReadClock()));
    }
  }
  error_code ignored;
  from_server_.close(ignored);
  for (Piece& piece : lines.Finish()) Do(relay_.FromServer(std::move(piece), ReadClock()));
  Do(relay_.ServerGone());
  server_said_all_ = true;
  to_client_.End();
  end_changed_.Notify();
}

awaitable<void> Host::Tick() {
  for (;;) {
    const Now now = ReadClock();
    const BootTime due = relay_.due();
    LoopTime until = lease::Wakeup::kNever;
    if (due != BootTime::InfiniteFuture()) {
      until = LoopClock::now() + absl::ToChronoMicroseconds(due - now.boot);
    }
    co_await due_changed_.Wait(until);
    Do(relay_.Tick(ReadClock().boot));
  }
}

awaitable<void> Host::WatchClient() { co_await to_client_.AwaitReadersEnd(); }

awaitable<void> Host::WatchSignals() {
  // The descriptor is the signals' own.
  Descriptor descriptor(io_, signals_.fd());
  for (;;) {
    const auto [error] = co_await descriptor.async_wait(Descriptor::wait_read, kAwait);
    if (error) break;
    while (const auto arrived = signals_.Next()) {
      if (!server_ended_ && !arrived->from_terminal) kill(server_.pid, arrived->signal);
      hurry_ |= server_ended_;
    }
    if (hurry_) end_changed_.Notify();
  }
  descriptor.release();
}

awaitable<void> Host::WatchServer() {
  Descriptor descriptor(io_);
  if (server_.pidfd.valid()) descriptor.assign(server_.pidfd.get());
  lease::asio::steady_timer timer(io_);
  while (!process::HasEnded(server_.pid)) {
    if (descriptor.is_open()) {
      co_await descriptor.async_wait(Descriptor::wait_read, kAwait);
    } else {
      timer.expires_after(kLook);
      co_await timer.async_wait(kAwait);
    }
  }
  if (descriptor.is_open()) descriptor.release();
  server_ended_ = true;
  end_changed_.Notify();
}

awaitable<void> Host::EndServer() {
  lease::asio::steady_timer timer(io_);
  for (const int signal : {SIGTERM, SIGKILL}) {
    timer.expires_after(kPolite);
    co_await timer.async_wait(kAwait);
    if (!server_ended_) kill(server_.pid, signal);
  }
}

awaitable<void> Host::Finish() {
  while (!server_ended_) co_await end_changed_.Wait();
  LoopTime deadline = LoopClock::now() + kTailMax;
  // A client that reads slowly does not make the tail shorter.
  while (!server_said_all_ && !hurry_ && (LoopClock::now() < deadline || to_client_.bytes() > 0)) {
    co_await end_changed_.Wait(deadline);
    if (to_client_.bytes() > 0) deadline = LoopClock::now() + kTailMax;
  }
  error_code ignored;
  from_server_.close(ignored);
  while (!to_client_.closed() && !hurry_) co_await end_changed_.Wait();
  deadline = LoopClock::now() + kReleaseTime;
  lease::asio::steady_timer timer(io_);
  while (releases_.under_way > 0 && LoopClock::now() < deadline) {
    timer.expires_after(kEndCheck);
    co_await timer.async_wait(kAwait);
  }
  io_.stop();
}

void Host::OutputChanged() {
  server_changed_.Notify();
  client_changed_.Notify();
  end_changed_.Notify();
  if (to_client_.broken()) GiveUpClient();
}

void Host::InputChanged() {
  client_changed_.Notify();
  if (!to_server_.broken()) return;
  error_code ignored;
  from_client_.close(ignored);
  Do(relay_.ServerGone());
}

void Host::GiveUpClient() {
  if (std::exchange(client_gone_, true)) return;
  error_code ignored;
  from_client_.close(ignored);
  client_changed_.Notify();
  Do(relay_.ClientGone());
  Start(EndServer());
}

void Host::Do(Actions actions) {
  // Whatever changes what is due is an action, or comes with one.
  if (actions.empty()) return;
  for (Action& action : actions) {
    std::visit([this](auto&& one) { Do(std::move(one)); }, std::move(action));
  }
  due_changed_.Notify();
}

void Host::Do(Ask action) {
  auto call = std::make_shared<LiveCall>(io_, releases_);
  calls_.emplace(action.call, call);
  Start(Admit(std::move(action), std::move(call)));
}

void Host::Do(Withdraw action) {
  const auto found = calls_.find(action.call);
  if (found == calls_.end()) return;
  found->second->withdrawn = true;
  found->second->changed.Notify();
  calls_.erase(found);
}

void Host::Do(Release action) {
  const auto found = calls_.find(action.call);
  if (found == calls_.end()) return;
  lease::HeldLease& held = found->second->lease;
  if (action.how == Release::How::kAnswered) {
    held.Release(lease::OutcomeOf(action.verdict), lease::DetailsOf(action.verdict));
  } else {
    held.Release(v1::OUTCOME_CANCELLED, DetailsOf(action.how));
  }
  calls_.erase(found);
}

v1::Acquire Host::AcquireFor(const Ask& ask) const {
  v1::Acquire acquire = options_.request;
  acquire.set_kind(plan_.kind);
  acquire.set_model(ask.tool);
  acquire.set_weight(ask.calls);
  acquire.set_program(plan_.program);
  acquire.set_program_pid(PidForOthers(server_.pid));
  acquire.set_reports(true);
  SetProtoTime(ReadClock().wall + plan_.patience + kDeadlineMargin, acquire.mutable_deadline());
  return acquire;
}

awaitable<void> Host::Admit(Ask ask, std::shared_ptr<LiveCall> call) {
  if (!broker_.ok()) {
    Refuse(ask.call, broker_.status());
    co_return;
  }
  std::optional<lease::Admission> admission(
      std::in_place, io_, **broker_, call->changed, AcquireFor(ask),
      [this, id = ask.call](std::string state) { relay_.SetState(id, std::move(state)); });
  while (!call->withdrawn && !admission->ended()) co_await call->changed.Wait();
  if (call->withdrawn) {
    admission->Withdraw();
    co_return;
  }
  absl::StatusOr<broker::Lease> lease = admission->Take();
  admission.reset();
  if (!lease.ok()) {
    Refuse(ask.call, lease.status());
    co_return;
  }
  call->lease.Take(*std::move(lease));
  Do(relay_.Granted(ask.call, ReadClock()));
}

void Host::Refuse(CallId call, const absl::Status& why) {
  if (absl::IsUnavailable(why) && options_.if_unavailable == flags::IfUnavailable::kRun) {
    process::Say(absl::StrCat("A TOOL CALL PASSES WITHOUT A LEASE: ", why.message()));
    Do(relay_.Granted(call, ReadClock()));
    return;
  }
  calls_.erase(call);
  if (!options_.quiet) process::Say(absl::StrCat("refused a tool call: ", why.message()));
  Do(relay_.Refused(call, RefusalWords(why, absl::LocalTimeZone())));
}

}  // namespace zbroker::mcp
