// zctl wait: looks at one status after the other until the condition holds. The daemon sends them,
// and may be started anew meanwhile.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/format.h"
#include "client/zctl/wait_rhythm.h"
#include "client/zctl/watch.h"
#include "zbroker/v1/events.pb.h"

namespace zbroker::zctl {
namespace {

using broker::ControlClient;
using condition::Verdict;

constexpr absl::Duration kCallTimeout = absl::Seconds(10);
constexpr size_t kColumnsUnknown = 80;

// Pids of those that a script starts lie side by side: spread them.
double StaggerOfThisProcess() {
  return static_cast<double>(static_cast<uint32_t>(getpid()) * 2654435761U >> 16) / 65536;
}

// A line on standard error that is drawn over; nothing where that is no terminal.
class Progress {
 public:
  explicit Progress(const Console& console)
      : console_(console), shown_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() { Write(""); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(absl::string_view text) { Write(text); }

 private:
  void Write(absl::string_view text) const {
    if (!shown_) return;
    const size_t columns = std::min(console_.view().columns, kColumnsUnknown);
    const std::string line = absl::StrCat("\r\033[K", Ellipsize(EscapeControls(text), columns - 1));
    // Whether somebody sees it is of no matter to the wait.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  }

  const Console& console_;
  const bool shown_;
};

class Wait final : public WatchView {
 public:
  Wait(const WaitCommand& command, Console& console)
      : command_(command),
        console_(console),
        progress_(console),
        deadline_(command.timeout ? absl::Now() + *command.timeout : absl::InfiniteFuture()) {}

  absl::Status Run() {
    absl::Status ended = KeepWatching([this](const auto& each) { return WatchOnce(each); },
                                      [this](absl::Duration length) { Sleep(length); }, *this);
    return verdict_.reached ? absl::OkStatus() : ended;
  }
  const Verdict& verdict() const { return verdict_; }

  absl::Status Show(const v1::Status& status) override {
    ZB_ASSIGN_OR_RETURN(verdict_, command_.condition->Judge(status, command_.account));
    if (verdict_.reached) return absl::CancelledError("it has come to pass");
    const absl::Time now = ToTime(status.now());
    rhythm_ = RhythmFor(now, verdict_.at, stagger_);
    std::string line =
        absl::StrCat("waiting for ", command_.condition->text(), ": ", verdict_.words);
    if (verdict_.at) {
      absl::StrAppend(&line, ", until ", FormatUntil(*verdict_.at, now, console_.view().zone));
    }
    progress_.Show(line);
    return CheckTime();
  }

  absl::Status ShowAway() override {
    ZB_RETURN_IF_ERROR(CheckTime());
    progress_.Show(absl::StrCat("waiting for ", command_.condition->text(),
                                ": the daemon is away, reconnecting"));
    return absl::OkStatus();
  }

 private:
  absl::Duration Left() const { return deadline_ - absl::Now(); }
  absl::Status CheckTime() const {
    if (Left() > absl::ZeroDuration()) return absl::OkStatus();
    return TimeOver(absl::StrCat("not within ", zbroker::FormatDuration(*command_.timeout), ": ",
                                 verdict_.words));
  }
  void Sleep(absl::Duration length) const { absl::SleepFor(std::min(length, Left())); }

  // One connection. Ends also when it is time to say that time is over.
  absl::Status WatchOnce(const std::function<bool(const v1::Status&)>& each) {
    const bool first = !std::exchange(looked_, true);
    const absl::Duration timeout = std::clamp(Left(), absl::Milliseconds(100), kCallTimeout);
    // A daemon that somebody stops later is not ours to revive.
    ZB_ASSIGN_OR_RETURN(
        const auto client,
        ControlClient::Connect({.start_daemon = first, .timeout = first ? kCallTimeout : timeout}));
    if (first) {
      // This look is taken whatever the time.
      ZB_ASSIGN_OR_RETURN(const v1::Status status, client->GetStatus(command_.account));
      if (!each(status)) return absl::OkStatus();
    }
    for (;;) {
      if (rhythm_.nap) Sleep(*std::exchange(rhythm_.nap, std::nullopt));
      const absl::Duration interval = rhythm_.interval;
      bool over = false;
      const absl::Status ended = client->WatchStatus(
          command_.account, interval,
          [&](const v1::Status& status) {
            over = !each(status);
            return !over && !rhythm_.nap && rhythm_.interval == interval;
          },
          deadline_);
      if (over || !ended.ok()) return ended;
      // The daemon has ended the stream itself: it goes down.
      if (!rhythm_.nap && rhythm_.interval == interval) return ended;
    }
  }

  const WaitCommand& command_;
  Console& console_;
  Progress progress_;
  const absl::Time deadline_;
  const double stagger_ = StaggerOfThisProcess();
  WaitRhythm rhythm_;
  Verdict verdict_;
  bool looked_ = false;
};

}  // namespace

absl::Status Run(const WaitCommand& command, Console& console) {
  Verdict verdict;
  absl::Status ended;
  {
    Wait wait(command, console);
    ended = wait.Run();
    verdict = wait.verdict();
  }
  if (!command.json) {
    ZB_RETURN_IF_ERROR(ended);
    return console.Print(absl::StrCat(EscapeControls(verdict.words), "\n"));
  }
  // That time is over is an answer, too.
  if (!ended.ok() && !IsTimeOver(ended)) return ended;
  v1::WaitResult result;
  result.set_condition(command.condition->text());
  result.set_reached(verdict.reached);
  result.set_detail(verdict.words);
  if (verdict.at) SetProtoTime(*verdict.at, result.mutable_until());
  ZB_RETURN_IF_ERROR(console.PrintJson(result));
  return ended;
}

}  // namespace zbroker::zctl
