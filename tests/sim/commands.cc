// What clients and administrators do in a history.
#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/bounds.h"
#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

void History::Command() {
  const int die = Random(1'000);
  if (die < 390) {
    Ask();
  } else if (die < 640) {
    Release();
  } else if (die < 690) {
    Cancel();
  } else if (die < 700) {
    Crowd();
  } else if (die < 705) {
    CrowdLeaves();
  } else if (die < 760) {
    CloseStream();
  } else if (die < 815) {
    KillProcess();
  } else if (die < 890) {
    Reconnect();
  } else if (die < 905) {
    Renew();
  } else if (die < 910) {
    StopProcess();
  } else if (die < 915) {
    CommandEnds();
  } else {
    Administrate();
  }
}

core::StreamId History::NewStream(int32_t pid) {
  const core::StreamId id = ++last_stream_;
  streams_[id] = {.stream = id,
                  .connection = id,
                  .holder = {.pid = pid,
                             .uid = 1000u + static_cast<uint32_t>(pid % 2),
                             .start_ticks = 1,
                             .program = absl::StrCat("p", pid % 3)}};
  return id;
}

core::Client& History::AnyClient() {
  if (streams_.empty() || (streams_.size() < streams_max_ && Chance(30))) {
    alive_[++last_pid_] = true;
    living_.push_back(last_pid_);
    return streams_[NewStream(last_pid_)];
  }
  if (streams_.size() < 20) {
    return std::next(streams_.begin(), Random(static_cast<int>(streams_.size())))->second;
  }
  const auto after = streams_.lower_bound(1 + random_() % last_stream_);
  return after == streams_.end() ? streams_.begin()->second : after->second;
}

std::optional<LeaseId> History::AnyLease() {
  if (ledger_.last_lease() > 0 && Chance(3)) return 1 + random_() % ledger_.last_lease();
  if (ledger_.open().empty()) return std::nullopt;
  return *std::next(ledger_.open().begin(), Random(static_cast<int>(ledger_.open().size())));
}

std::string History::AnyTicket() {
  if (tickets_.empty()) return "none";
  // Of the last ones: those before them have been granted or refused.
  const int last = static_cast<int>(tickets_.size());
  return tickets_[static_cast<size_t>(last - 1 - Random(std::min(last, 60)))];
}

std::string History::AnyAccount() { return Chance(3) ? "nope" : absl::StrCat("a", Random(3)); }

// Whatever a client may name: most are far from anything that is.
BootTime History::AnyInstant() {
  constexpr int64_t kDay = int64_t{24} * 60 * 60 * 1'000'000;
  const std::array<int64_t, 12> instants = {std::numeric_limits<int64_t>::min(),
                                            std::numeric_limits<int64_t>::min() + 1,
                                            -250'000'000'000'000'000,
                                            -kDay,
                                            -1,
                                            0,
                                            1,
                                            now_.micros() - kDay,
                                            now_.micros() - 1,
                                            now_.micros() + 40 * kDay,
                                            250'000'000'000'000'000,
                                            std::numeric_limits<int64_t>::max() - 1};
  return BootTime::FromMicros(instants[static_cast<size_t>(Random(instants.size()))]);
}

core::Acquire History::AnyAcquire() {
  core::Acquire acquire;
  acquire.client = AnyClient();
  acquire.request.ticket = absl::StrCat("t", ++last_ticket_);
  acquire.request.account = Chance(40) ? "" : AnyAccount();
  acquire.request.kind = static_cast<core::Kind>(Random(3));
  acquire.request.weight = Units(Chance(2) ? 1'000'000 : Random(4));
  acquire.request.priority = static_cast<core::Priority>(Random(3));
  if (Chance(70)) acquire.request.session = absl::StrCat("s", Random(sessions_));
  if (Chance(30)) acquire.request.parent = AnyLease().value_or(0);
  if (Chance(10)) acquire.request.ttl = absl::Seconds(1 + Random(20));
  if (Chance(20)) acquire.deadline = now_ + absl::Milliseconds(Random(20'000) - 100);
  if (Chance(2)) acquire.deadline = AnyInstant();
  acquire.request.model = absl::StrCat("m", Random(3));
  acquire.takes_throttles = Chance(60);
  acquire.reports = acquire.takes_throttles || Chance(50);
  acquire.no_wait = Chance(10);
  acquire.hold_until_reset = Chance(30);
  acquire.priority_given = Chance(60);
  acquire.background = Chance(20);
  if (Chance(20)) acquire.request.patience = now_ + absl::Seconds(Random(20));
  if (Chance(30)) acquire.program = absl::StrCat("p", Random(4));
  if (Chance(10)) acquire.arrival = now_ - absl::Seconds(Random(60));
  return acquire;
}

void History::Ask() {
  core::Acquire acquire = AnyAcquire();
  if (const auto again = asked_.find(AnyTicket()); again != asked_.end() && Chance(12)) {
    // From another stream, perhaps of another process, but for the same program.
    const core::Client client = Chance(80) ? acquire.client : again->second.client;
    acquire = again->second;
    acquire.client = client;
    acquire.client.holder.program = again->second.client.holder.program;
    if (Chance(50)) acquire.arrival = now_ - absl::Seconds(Random(60));
  } else {
    tickets_.push_back(acquire.request.ticket);
    asked_[acquire.request.ticket] = acquire;
    if (asked_.size() > 500) asked_.clear();
  }
  Apply(acquire);
}

// One client asks for much at once.
void History::Crowd() {
  const core::Client client = AnyClient();
  core::Acquire acquire = AnyAcquire();
  acquire.client = client;
  const int count = 5 + Random(60);
  for (int i = 0; i < count; ++i) {
    acquire.request.ticket = absl::StrCat("t", ++last_ticket_);
    tickets_.push_back(acquire.request.ticket);
    Apply(acquire);
  }
}

// Many give up at once, and most mean to come back.
void History::CrowdLeaves() {
  const bool keep_place = Chance(80);
  const core::Client client = AnyClient();
  const size_t count = std::min(tickets_.size(), static_cast<size_t>(20 + Random(100)));
  for (size_t i = tickets_.size() - count; i < tickets_.size(); ++i) {
    Apply(core::Cancel{client, tickets_[i], keep_place});
  }
}

void History::Release() {
  if (const auto lease = AnyLease()) {
    const core::Release release{
        .client = AnyClient(),
        .lease = *lease,
        .outcome = Chance(60) ? core::Outcome::kOk : static_cast<core::Outcome>(Random(9)),
        .details = AnyDetails()};
    if (const core::LeaseOpened* opened = ledger_.FindOpen(*lease)) {
      const bool spaces = release.details.start_rate || release.outcome >= core::Outcome::kWall;
      if (spaces) known_[opened->request.account].paced = true;
    }
    Apply(release);
  }
}

// Short blocks, so that a history sees many of them end.
core::ReleaseDetails History::AnyDetails() {
  core::ReleaseDetails details{
      .start_rate = Chance(20), .plan = Chance(20), .scope = static_cast<core::Scope>(Random(3))};
  if (Chance(50)) details.retry_after = absl::Milliseconds(Random(20'000));
  if (Chance(60)) details.until = now_ + absl::Seconds(Random(120) - 20);
  if (Chance(50)) details.window_length = absl::Seconds(Random(30));
  if (Chance(50)) details.first_byte = absl::Milliseconds(Random(5'000));
  if (Chance(40)) {
    details.usage = core::TokenUsage{.input = Random(20'000), .output = Random(2'000)};
  }
  if (Chance(1)) details.retry_after = absl::Seconds(315'576'000'000);
  if (Chance(1)) details.until = AnyInstant();
  if (Chance(1)) details.window_length = absl::Seconds(315'576'000'000);
  if (Chance(1)) details.first_byte = absl::Seconds(315'576'000'000);
  if (Chance(1)) {
    constexpr int64_t kMost = kTokensMax;
    details.usage = core::TokenUsage{.input = kMost, .cached = kMost, .output = kMost};
  }
  details.under_way = Chance(10);
  details.unused = Chance(10);
  return details;
}

void History::Cancel() { Apply(core::Cancel{AnyClient(), AnyTicket(), /*keep_place=*/Chance(40)}); }

void History::Renew() {
  if (const auto lease = AnyLease()) Apply(core::Renew{AnyClient(), *lease});
}

void History::CloseStream() {
  if (streams_.empty()) return;
  const core::StreamId id = AnyClient().stream;
  streams_.erase(id);
  Apply(core::StreamClosed{id});
}

void History::KillProcess() {
  if (streams_.empty()) return;
  const int32_t pid = AnyClient().holder.pid;
  alive_[pid] = false;
  std::erase(living_, pid);
  core::HolderExited exited{pid, 1};
  if (Chance(30)) {
    exited.command_until = now_ + absl::Seconds(Random(30));
    left_running_.push_back(pid);
  }
  std::vector<core::Command> ends{exited};
  for (const auto& [id, client] : streams_) {
    if (client.holder.pid == pid) ends.push_back(core::StreamClosed{id});
  }
  std::erase_if(streams_, [&](const auto& entry) { return entry.second.holder.pid == pid; });
  std::shuffle(ends.begin(), ends.end(), random_);
  for (const core::Command& end : ends) Apply(end);
}

// What a process started went on after its end, and is over now.
void History::CommandEnds() {
  if (left_running_.empty()) return;
  Apply(core::HolderExited{left_running_.back(), 1});
  left_running_.pop_back();
}

void History::StopProcess() {
  if (living_.empty()) return;
  const size_t which = random_() % living_.size();
  Apply(core::HolderStopped{living_[which], 1});
}

void History::Reconnect() {
  if (living_.empty()) return;
  const int32_t pid = living_[static_cast<size_t>(Random(static_cast<int>(living_.size())))];
  core::Hello hello{.client = streams_[NewStream(pid)]};
  for (const LeaseId id : ledger_.open()) {
    if (Chance(50)) hello.reclaims.push_back({id, ledger_.FindOpen(id)->request.ticket});
  }
  Apply(hello);
}

core::Part History::AnyPart() {
  core::Part part;
  if (Chance(40)) return part;
  if (Chance(40)) part.priority = static_cast<core::Priority>(Random(3));
  if (Chance(30)) part.session = absl::StrCat("s", Random(3));
  if (Chance(30)) part.program = absl::StrCat("p", Random(3));
  return part;
}

void History::Administrate() {
  core::Client admin = AnyClient();
  admin.admin = true;
  const std::string account = AnyAccount();
  switch (Random(6)) {
    case 4: {
      const std::optional<int> limit = Chance(60) ? std::optional(1 + Random(3)) : std::nullopt;
      Apply(core::SetLimit{admin, account, limit, absl::StrCat("m", Random(4))});
      break;
    }
    case 0:
      Apply(core::SetLimit{admin, account, 1 + Random(5)});
      known_[account].pinned = true;
      break;
    case 1:
      Apply(core::SetLimit{admin, account, std::nullopt});
      break;
    case 2:
      Apply(core::SetPaused{
          admin, account, Chance(30), Chance(50), AnyPart(),
          Chance(50) ? now_ + absl::Seconds(1 + Random(20)) : BootTime::InfiniteFuture()});
      break;
    case 3:
      ReadMeter();
      break;
    default:
      if (const auto lease = AnyLease()) Apply(core::Revoke{admin, *lease});
      break;
  }
}

}  // namespace zbroker::sim
