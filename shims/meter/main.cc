// zctl-meter: reads the provider's meter and tells the daemon. `zctl meter` runs it; a program of
// its own, because libcurl's libraries would double the time that zctl takes to start.
#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "client/base/clock.h"
#include "client/base/deadlock_detection.h"
#include "client/base/log.h"
#include "client/zctl/message_json.h"
#include "shims/meter/command_line.h"
#include "shims/meter/outcome.h"
#include "shims/meter/plan_check.h"
#include "shims/meter/reader.h"
#include "shims/meter/settings.h"
#include "shims/meter/source.h"
#include "shims/meter/teller.h"
#include "shims/tools/surroundings.h"

namespace zbroker::meter {
namespace {

using State = Reader::Round::State;

int ExitOf(State state) {
  if (state == State::kNoDaemon) return kExitNoDaemon;
  return state == State::kTrouble ? kExitBadNews : 0;
}

int Show(const CommandLine& line, const v1::MeterOutcome& outcome, State state) {
  if (line.json) {
    std::cout << zctl::ToJson(outcome, zctl::JsonStyle::kOneLine) << std::endl;
    return ExitOf(state);
  }
  if (ExitOf(state) != 0) {
    std::cerr << "zctl meter: " << outcome.message() << std::endl;
  } else if (!line.quiet) {
    std::cout << outcome.message() << std::endl;
  }
  if (!outcome.advice().empty()) std::cerr << "zctl meter: " << outcome.advice() << std::endl;
  return ExitOf(state);
}

// Nobody was asked, and that is a mistake of who started this.
int ShowMistake(const CommandLine& line, const Source& source, const char* error,
                const absl::Status& why) {
  const Reader::Round round{.error = error, .words = std::string(why.message())};
  return Show(line, MakeOutcome(round, source, std::nullopt, line.apart), round.state);
}

int Once(const CommandLine& line, const Source& source, const tools::Surroundings& surroundings) {
  const auto key = FindKey(source.key, source.origin, surroundings);
  if (!key.ok()) return ShowMistake(line, source, "key-missing", key.status());
  Reader reader({.account = line.account,
                 .origin = source.origin,
                 .apart = line.apart,
                 .start_daemon = true});
  const Reader::Round round = reader.Read(*key);
  std::optional<v1::AccountStatus> account;
  if (round.state != State::kNoDaemon) {
    if (auto seen = reader.Look(); seen.ok()) account = *std::move(seen);
  }
  return Show(line, MakeOutcome(round, source, account, line.apart), round.state);
}

[[noreturn]] void Regularly(const CommandLine& line, const Source& source,
                            const tools::Surroundings& surroundings) {
  const Clock& clock = Clock::System();
  Pace pace(*line.every);
  Teller teller(line.quiet);
  // What a gateway has just read need not be read again.
  Reader reader({.account = line.account,
                 .origin = source.origin,
                 .apart = std::max(line.apart, *line.every * 9 / 10)});
  for (;;) {
    const BootTime began = clock.Read().boot;
    // Each time: it may have been changed.
    const auto key = FindKey(source.key, source.origin, surroundings);
    Reader::Round round;
    if (key.ok()) {
      round = reader.Read(*key);
    } else {
      round.words = std::string(key.status().message());
    }
    std::string advice;
    if (round.state == State::kRead) {
      const auto account = reader.Look();
      const auto trouble =
          account.ok() ? CheckPlan(source.plan, round.level, *account) : std::nullopt;
      if (trouble) advice = Describe(*trouble);
    }
    for (const Teller::Line& told : teller.Tell(round, advice)) {
      told.is_warning ? LogWarning("meter: ", told.text) : LogInfo("meter: ", told.text);
    }
    pace.Ended(ResultOf(round.state));
    absl::Duration gap = pace.gap();
    // Others ask too: then the next turn is counted from theirs.
    if (round.state == State::kNotAsked) gap = std::min(gap, round.due);
    absl::SleepFor(began + gap - clock.Read().boot);
  }
}

int Main(int argc, char** argv) {
  LeaveNoCore();
  const auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto line = std::get<CommandLine>(parsed);
  signal(SIGPIPE, SIG_IGN);
  SwitchOffDeadlockDetection();
  const auto surroundings = tools::Surroundings::OfProcess();
  const auto settings = Configured(*surroundings);
  if (!settings.ok()) return ShowMistake(line, {}, "config", settings.status());
  const Source source = FindSource(line, *settings, *surroundings);
  if (!source.status.ok()) return ShowMistake(line, source, source.error, source.status);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return ShowMistake(line, source, "unreachable", absl::InternalError("libcurl can't be used"));
  }
  if (!line.every) return Once(line, source, *surroundings);
  // A key that can't be found now is a mistake of who started this.
  const auto key = FindKey(source.key, source.origin, *surroundings);
  if (!key.ok()) return ShowMistake(line, source, "key-missing", key.status());
  Regularly(line, source, *surroundings);
}

}  // namespace
}  // namespace zbroker::meter

int main(int argc, char** argv) { return zbroker::meter::Main(argc, argv); }
