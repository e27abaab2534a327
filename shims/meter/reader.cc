#include "shims/meter/reader.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/meter/fetch.h"
#include "shims/meter/report.h"
#include "shims/zai/meter.h"

namespace zbroker::meter {
namespace {

using State = Reader::Round::State;

// Held for as long as somebody asks. Where no file can be made, nobody is kept out.
std::optional<Fd> TakeTurn() {
  const auto directory = StateDirectory();
  if (!directory.ok() || !PreparePrivateDirectory(*directory).ok()) return Fd();
  Fd file(
      open(absl::StrCat(*directory, "/meter.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.valid() && flock(file.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return file;
}

using AnswerState = zai::MeterAnswer::State;

struct Answer : zai::MeterAnswer {
  const char* error = "answer-bad";  // in case there are no limits
};

Answer AskAt(const std::string& url, const Key& key) {
  Answer answer;
  const auto fetched = Fetch(url, key);
  if (!fetched.ok()) {
    answer.trouble = std::string(fetched.status().message());
    answer.error = "unreachable";
    return answer;
  }
  static_cast<zai::MeterAnswer&>(answer) = zai::ReadMeter(fetched->status, fetched->body);
  answer.trouble = key.Mask(answer.trouble);
  if (answer.state == AnswerState::kRefused) answer.error = "key-refused";
  return answer;
}

std::string NoAccount(const std::string& name) {
  return absl::StrCat("no account ", EscapeControls(name),
                      "; `zctl status` shows those of the configuration");
}

absl::Time LastTaken(const v1::MeterStatus& meter) {
  return meter.has_asked() ? FromProtoTime(meter.asked()) : absl::InfinitePast();
}

std::vector<v1::Block> WallsOf(const v1::AccountStatus& account) {
  std::vector<v1::Block> walls;
  for (const v1::Block& block : account.blocks()) {
    if (block.reason() == v1::BLOCK_REASON_WALL) walls.push_back(block);
  }
  return walls;
}

// Walls that stood before and do so no more.
std::vector<v1::Block> GoneWalls(const v1::AccountStatus& before, const v1::AccountStatus& now) {
  std::vector<v1::Block> gone = WallsOf(before);
  const std::vector<v1::Block> left = WallsOf(now);
  std::erase_if(gone, [&](const v1::Block& wall) {
    return std::ranges::any_of(left, [&](const v1::Block& one) {
      return one.model() == wall.model() && one.detail() == wall.detail();
    });
  });
  return gone;
}

bool HasWall(const v1::AccountStatus& account) { return !WallsOf(account).empty(); }

}  // namespace

absl::Time LastHeard(const v1::MeterStatus& meter) {
  absl::Time last = absl::InfinitePast();
  if (meter.has_asked()) last = FromProtoTime(meter.asked());
  if (meter.has_trouble_at()) last = std::max(last, FromProtoTime(meter.trouble_at()));
  return last;
}

Pace::Result ResultOf(State state) {
  switch (state) {
    case State::kTrouble:
      return Pace::Result::kTrouble;
    case State::kSilent:
      return Pace::Result::kSilent;
    case State::kNoDaemon:
      return Pace::Result::kAway;
    default:
      return Pace::Result::kRead;
  }
}

absl::StatusOr<v1::AccountStatus> Reader::LookOnce() {
  if (daemon_ == nullptr) {
    ZB_ASSIGN_OR_RETURN(daemon_,
                        broker::ControlClient::Connect({.start_daemon = options_.start_daemon}));
  }
  const auto status = daemon_->GetStatus(options_.account);
  if (!status.ok()) {
    daemon_.reset();
    return status.status();
  }
  if (status->accounts().empty()) return absl::NotFoundError("the daemon names no account");
  return status->accounts(0);  // the default one comes first
}

absl::StatusOr<v1::AccountStatus> Reader::Look() {
  const bool was_connected = daemon_ != nullptr;
  auto account = LookOnce();
  if (was_connected && absl::IsUnavailable(account.status())) account = LookOnce();
  return account;
}

Reader::Round Reader::Read(const Key& key) {
  // Before the look, so that it sees what whoever had the turn before has told the daemon.
  const auto turn = TakeTurn();
  const auto account = Look();
  if (!account.ok()) {
    const bool refused = absl::IsNotFound(account.status());
    const bool is_named = refused && !options_.account.empty();
    return {.state = refused ? State::kTrouble : State::kNoDaemon,
            .error = refused ? "no-account" : "no-daemon",
            .words = is_named ? NoAccount(options_.account)
                              : EscapeControls(account.status().message())};
  }
  Round round;
  const absl::Duration since = absl::Now() - LastHeard(account->meter());
  if (since >= absl::ZeroDuration() && since < options_.apart) {
    round = {.state = State::kNotAsked,
             .words = absl::StrCat("the meter was asked ", zbroker::FormatDuration(since),
                                   " ago; it is asked ", zbroker::FormatDuration(options_.apart),
                                   " apart at least"),
             .due = options_.apart - since};
  } else if (turn) {
    round = Ask(key, *account);
  } else {
    round = Round{.state = State::kNotAsked,
                  .words = "another program asks the meter just now",
                  .due = kAnswerTime};
  }
  round.wall = HasWall(*account);
  return round;
}

absl::StatusOr<v1::ReportMeterReply> Reader::Report(const v1::ReportMeterRequest& report,
                                                    const v1::AccountStatus& before) {
  auto told = daemon_->ReportMeter(report);
  if (!absl::IsUnavailable(told.status())) return told;
  daemon_.reset();
  const auto account = Look();
  if (!account.ok()) return account.status();
  // It may have been taken before its daemon died: then only the answer is lost.
  const absl::Time taken = LastTaken(account->meter());
  const absl::Duration apart = taken - FromProtoTime(report.asked());
  if (report.trouble().empty() && absl::AbsDuration(apart) < absl::Milliseconds(1)) {
    v1::ReportMeterReply reply;
    reply.set_account(account->name());
    for (const v1::Block& wall : GoneWalls(before, *account)) *reply.add_ended() = wall;
    return reply;
  }
  return daemon_->ReportMeter(report);
}

Reader::Round Reader::Ask(const Key& key, const v1::AccountStatus& before) {
  const absl::Time asked = absl::Now();
  const std::string first =
      absl::StrCat(options_.origin, elsewhere_ ? zai::kMeterPathElse : zai::kMeterPath);
  Answer answer = AskAt(first, key);
  if (answer.state == AnswerState::kRefused && !elsewhere_) {
    Answer other = AskAt(absl::StrCat(options_.origin, zai::kMeterPathElse), key);
    elsewhere_ = other.state == AnswerState::kRead;
    if (elsewhere_) answer = std::move(other);
  }
  const auto told = Report(ToReport(options_.account, asked, answer), before);
  if (!told.ok()) {
    const bool is_away = absl::IsUnavailable(told.status());
    if (is_away) daemon_.reset();
    return {.state = State::kTrouble,
            .error = is_away ? "no-daemon" : "not-taken",
            .words = EscapeControls(told.status().message())};
  }
  if (answer.state == AnswerState::kSilent) {
    return {.state = State::kSilent, .words = answer.trouble};
  }
  if (answer.state != AnswerState::kRead) {
    return {.state = State::kTrouble, .error = answer.error, .words = answer.trouble};
  }
  Round round{.state = State::kRead,
              .words = absl::StrCat(told->account(), ": ", Describe(answer)),
              .level = answer.level,
              .lifted = {told->ended().begin(), told->ended().end()}};
  if (!round.lifted.empty()) {
    absl::StrAppend(&round.words, "; the wall is lifted, and one request finds out");
  }
  return round;
}

}  // namespace zbroker::meter
