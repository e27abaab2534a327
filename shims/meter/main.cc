// zctl-meter: reads the provider's meter and tells the daemon. `zctl meter` runs it; a program of
// its own, because libcurl's libraries would double the time that zctl takes to start.
#include <curl/curl.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/clock.h"
#include "client/base/deadlock_detection.h"
#include "client/base/log.h"
#include "client/base/status.h"
#include "client/base/url.h"
#include "shims/meter/command_line.h"
#include "shims/meter/reader.h"
#include "shims/meter/settings.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/upstream.h"

namespace zbroker::meter {
namespace {

using State = Reader::Round::State;

struct Source {
  std::string origin;
  KeyPlace key;
};

absl::StatusOr<Source> FindSource(const CommandLine& line, const config::MeterSettings& settings,
                                  const tools::Surroundings& surroundings) {
  std::string upstream = line.upstream;
  if (upstream.empty()) {
    ZB_ASSIGN_OR_RETURN(upstream, tools::ConfiguredUpstream(line.account, surroundings));
  }
  if (upstream.empty()) {
    return absl::FailedPreconditionError(
        "nothing says which host's meter to ask, and the key must not go where you don't expect "
        "it: give --upstream URL, or `upstream` of the account in zbroker's configuration");
  }
  ZB_ASSIGN_OR_RETURN(const Url url, ParseUrl("upstream", upstream));
  Source source{url.origin, line.key};
  if (source.key.variable.empty() && source.key.file.empty()) {
    source.key = {settings.key_env, settings.key_file};
  }
  return source;
}

const char* Word(State state) {
  switch (state) {
    case State::kRead:
      return "read";
    case State::kSilent:
      return "silent";
    case State::kNotAsked:
      return "not_asked";
    case State::kNoDaemon:
      return "no_daemon";
    case State::kTrouble:
      break;
  }
  return "trouble";
}

int Show(const CommandLine& line, State state, const std::string& words) {
  const bool bad = state == State::kTrouble || state == State::kNoDaemon;
  if (line.json) {
    std::cout << "{\"state\":\"" << Word(state) << "\",\"message\":" << tools::JsonQuote(words)
              << "}" << std::endl;
  } else if (bad) {
    std::cerr << "zctl meter: " << words << std::endl;
  } else if (!line.quiet) {
    std::cout << words << std::endl;
  }
  if (state == State::kNoDaemon) return kExitNoDaemon;
  return bad ? kExitBadNews : 0;
}

int Once(const CommandLine& line, const Source& source, const tools::Surroundings& surroundings) {
  const auto key = FindKey(source.key, source.origin, surroundings);
  if (!key.ok()) return Show(line, State::kTrouble, std::string(key.status().message()));
  Reader reader({.account = line.account,
                 .origin = source.origin,
                 .apart = line.apart,
                 .start_daemon = true});
  const Reader::Round round = reader.Read(*key);
  return Show(line, round.state, round.words);
}

// Says what is new.
class Teller {
 public:
  explicit Teller(bool quiet) : quiet_(quiet) {}

  void Tell(State state, const std::string& words) {
    const bool bad = state == State::kTrouble || state == State::kNoDaemon;
    if (bad && words != trouble_) LogWarning("meter: ", words);
    const bool better = !bad && !trouble_.empty();
    if (state == State::kRead && !quiet_ && (better || !told_)) LogInfo("meter: ", words);
    told_ = told_ || state == State::kRead;
    trouble_ = bad ? words : "";
  }

 private:
  const bool quiet_;
  bool told_ = false;
  std::string trouble_;
};

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
    teller.Tell(round.state, round.words);
    pace.Ended(ResultOf(round.state));
    absl::SleepFor(began + pace.gap() - clock.Read().boot);
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
  if (!settings.ok()) return Show(line, State::kTrouble, std::string(settings.status().message()));
  const auto source = FindSource(line, *settings, *surroundings);
  if (!source.ok()) return Show(line, State::kTrouble, std::string(source.status().message()));
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Show(line, State::kTrouble, "libcurl can't be used");
  }
  if (!line.every) return Once(line, *source, *surroundings);
  // A key that can't be found now is a mistake of who started this.
  const auto key = FindKey(source->key, source->origin, *surroundings);
  if (!key.ok()) return Show(line, State::kTrouble, std::string(key.status().message()));
  Regularly(line, *source, *surroundings);
}

}  // namespace
}  // namespace zbroker::meter

int main(int argc, char** argv) { return zbroker::meter::Main(argc, argv); }
