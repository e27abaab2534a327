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

zai::MeterAnswer AskAt(const std::string& url, const Key& key) {
  const auto fetched = Fetch(url, key);
  if (!fetched.ok()) {
    return {.state = zai::MeterAnswer::State::kTrouble,
            .trouble = std::string(fetched.status().message())};
  }
  zai::MeterAnswer answer = zai::ReadMeter(fetched->status, fetched->body);
  answer.trouble = key.Mask(answer.trouble);
  return answer;
}

absl::Time LastHeard(const v1::MeterStatus& meter) {
  absl::Time last = absl::InfinitePast();
  if (meter.has_asked()) last = FromProtoTime(meter.asked());
  if (meter.has_trouble_at()) last = std::max(last, FromProtoTime(meter.trouble_at()));
  return last;
}

bool HasWall(const v1::AccountStatus& account) {
  return std::any_of(account.blocks().begin(), account.blocks().end(), [](const v1::Block& block) {
    return block.reason() == v1::BLOCK_REASON_WALL;
  });
}

}  // namespace

Pace::Result ResultOf(State state) {
  switch (state) {
    case State::kTrouble:
      return Pace::Result::kTrouble;
    case State::kSilent:
      return Pace::Result::kSilent;
    default:
      return Pace::Result::kRead;
  }
}

absl::StatusOr<v1::AccountStatus> Reader::Look() {
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

Reader::Round Reader::Read(const Key& key) {
  // Before the look, so that it sees what whoever had the turn before has told the daemon.
  const auto turn = TakeTurn();
  const auto account = Look();
  if (!account.ok()) {
    const bool refused = absl::IsNotFound(account.status());
    return {.state = refused ? State::kTrouble : State::kNoDaemon,
            .words = EscapeControls(account.status().message())};
  }
  Round round;
  const absl::Duration since = absl::Now() - LastHeard(account->meter());
  if (since >= absl::ZeroDuration() && since < options_.apart) {
    round = {.state = State::kNotAsked,
             .words = absl::StrCat("the meter was asked ", zbroker::FormatDuration(since),
                                   " ago; it is asked ", zbroker::FormatDuration(options_.apart),
                                   " apart at least")};
  } else if (turn) {
    round = Ask(key);
  } else {
    round = Round{.state = State::kNotAsked, .words = "another program asks the meter just now"};
  }
  round.wall = HasWall(*account);
  return round;
}

Reader::Round Reader::Ask(const Key& key) {
  const absl::Time asked = absl::Now();
  const std::string first =
      absl::StrCat(options_.origin, elsewhere_ ? zai::kMeterPathElse : zai::kMeterPath);
  zai::MeterAnswer answer = AskAt(first, key);
  if (answer.state == zai::MeterAnswer::State::kRefused && !elsewhere_) {
    zai::MeterAnswer other = AskAt(absl::StrCat(options_.origin, zai::kMeterPathElse), key);
    elsewhere_ = other.state == zai::MeterAnswer::State::kRead;
    if (elsewhere_) answer = std::move(other);
  }
  const auto told = daemon_->ReportMeter(ToReport(options_.account, asked, answer));
  if (!told.ok()) {
    if (absl::IsUnavailable(told.status())) daemon_.reset();
    return {.state = State::kTrouble, .words = EscapeControls(told.status().message())};
  }
  if (answer.state != zai::MeterAnswer::State::kRead) {
    const bool silent = answer.state == zai::MeterAnswer::State::kSilent;
    return {.state = silent ? State::kSilent : State::kTrouble, .words = answer.trouble};
  }
  std::string words = absl::StrCat(told->account(), ": ", Describe(answer));
  if (told->ended_size() > 0) {
    absl::StrAppend(&words, "; the wall is lifted, and one request finds out");
  }
  return {.state = State::kRead, .words = std::move(words)};
}

}  // namespace zbroker::meter
