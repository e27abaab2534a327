#include "shims/init/init.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/gateway_record.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "shims/init/config_text.h"
#include "shims/init/place.h"
#include "shims/init/programs.h"
#include "shims/init/report.h"
#include "shims/setup/installed.h"
#include "shims/setup/list.h"
#include "shims/setup/replace_file.h"
#include "shims/tools/known_gateway.h"
#include "shims/zai/plan.h"

namespace zbroker::init {
namespace {

constexpr char kSubject[] = "init";

// A file is written whole or not at all; Ctrl-C between it and its record would leave a record of
// nothing, or a draft beside it.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

// The provider's site that the tool's requests go to; empty if they go elsewhere.
std::string SiteOf(const tools::Look& look) {
  for (const tools::Route& route : look.routes) {
    const auto url = ParseUrl("url", route.url);
    if (!url.ok()) continue;
    for (const zai::Site& site : zai::Sites()) {
      if (url->origin == absl::StrCat("https://", site.host)) return site.url;
    }
  }
  return "";
}

Facts LookAround(Choices now, const tools::Surroundings& surroundings) {
  Facts facts{.now = std::move(now), .time = absl::Now(), .zone = absl::LocalTimeZone()};
  for (const tools::Tool* tool : tools::AllTools()) {
    const tools::Look look = tool->look(surroundings);
    if (setup::FindInstalled(*tool).path.empty() && !surroundings.Exists(look.file)) continue;
    facts.tools.push_back(setup::SetUpName(*tool));
    if (facts.upstream_of_tools.empty()) facts.upstream_of_tools = SiteOf(look);
  }
  facts.gateway_runs = !RunningGateways(surroundings.state_directory()).empty();
  return facts;
}

// A file that was installed with us; empty: it was not.
std::string SharedFile(absl::string_view name) {
  for (const char* const up : {"/../share/", "/../../share/"}) {
    const std::string path = absl::StrCat(ExecutableDirectory(), up, name);
    const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), &free);
    if (real != nullptr) return real.get();
  }
  return "";
}

// With a line for editors, by which they know the keys, and the name of the file that has them all.
std::string BlankConfig(const Choices& choices) {
  const std::string schema = SharedFile("zbroker/config.schema.json");
  return absl::StrCat(schema.empty() ? "" : absl::StrCat("#:schema ", schema, "\n"),
                      NewConfig(choices, SharedFile("doc/zbroker/config.example.toml")));
}

// "FILE:LINE: …", of a status that begins with a line, and else "FILE: …".
absl::Status At(const std::string& path, const absl::Status& status) {
  const bool has_line = !status.message().empty() && absl::ascii_isdigit(status.message()[0]);
  return absl::Status(status.code(),
                      absl::StrCat(EscapeControls(path), has_line ? ":" : ": ", status.message()));
}

// One run of init, from the first question to the last word.
class Writer {
 public:
  Writer(const CommandLine& line, const tools::Surroundings& surroundings,
         const setup::Person& person, const AskLine& ask_line)
      : line_(line), surroundings_(surroundings), person_(person), ask_line_(ask_line) {}

  absl::Status Do() {
    ZB_ASSIGN_OR_RETURN(const Place place, FindPlace());
    outcome_.file = place.path;
    if (place.of_machine && geteuid() != 0 && !line_.print) {
      return absl::FailedPreconditionError(place.remark);
    }
    ZB_ASSIGN_OR_RETURN(const auto before, setup::ReadIfThere(place.path));
    Choices now;
    if (!line_.account.empty()) now.account = line_.account;
    if (before) {
      auto read = ReadChoices(*before, line_.account);
      if (!read.ok()) return At(place.path, read.status());
      now = *std::move(read);
    }
    if (!place.remark.empty()) Say(Lines("note: ", place.remark));
    const Facts facts = LookAround(std::move(now), surroundings_);
    outcome_.found = facts.tools;
    ZB_ASSIGN_OR_RETURN(choices_, Choose(line_, facts, ask_line_));
    for (const std::string& remark : choices_.remarks) Say(Lines("note: ", remark));
    const bool is_blank = !before || absl::StripAsciiWhitespace(*before).empty();
    const auto changed = is_blank ? absl::StatusOr<std::string>(BlankConfig(choices_))
                                  : ChangedConfig(*before, choices_);
    if (!changed.ok()) return At(place.path, changed.status());
    const std::string& after = *changed;
    outcome_.changed = before != after;
    ZB_RETURN_IF_ERROR(CheckConfig(after, EscapeControls(place.path)));
    if (line_.print) {
      person_.show(after);
      return absl::OkStatus();
    }
    ZB_RETURN_IF_ERROR(Write(place, {place.path, before, after}));
    SayWhatIsNotKnown();
    ZB_RETURN_IF_ERROR(Reload());
    SetUpTools();
    if (line_.json) person_.show(ToJson(outcome_, choices_));
    Say(Next(outcome_));
    for (const auto& [name, status] : outcome_.set_up) ZB_RETURN_IF_ERROR(status);
    return absl::OkStatus();
  }

 private:
  // With --json the outcome is all that is said, with --print the file.
  void Say(absl::string_view text) const {
    if (!line_.json && !line_.print) person_.show(text);
  }

  // `otherwise`: what Enter alone means.
  absl::StatusOr<bool> Confirm(absl::string_view question, bool otherwise) const {
    if (line_.yes) return true;
    if (!line_.may_ask() || !ask_line_) {
      return absl::InvalidArgumentError("nothing is written: nobody is asked here; --yes does");
    }
    const auto answer = ask_line_(absl::StrCat(question, otherwise ? " [Y/n] " : " [y/N] "));
    if (!answer) return false;
    const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(*answer));
    return word.empty() ? otherwise : word == "y" || word == "yes";
  }

  absl::Status Write(const Place& place, const setup::Change& change) {
    const std::string path = EscapeControls(place.path);
    if (!outcome_.changed) {
      Say(absl::StrCat(path, " says all of this already; nothing to change\n"));
      return absl::OkStatus();
    }
    if (!line_.json) Show(change);
    ZB_ASSIGN_OR_RETURN(const bool may_write, Confirm(absl::StrCat("Write this to ", path, "?"),
                                                      !change.before.has_value()));
    if (!may_write) return absl::CancelledError("nothing is written");
    {
      const SignalsHeld held;
      ZB_RETURN_IF_ERROR(
          setup::MakeChanges(kSubject, {change}, surroundings_.state_directory(), /*join=*/false));
      if (place.of_machine && !change.before) LetServiceReach(place.path);
    }
    outcome_.written = true;
    if (change.before) {
      outcome_.backup = absl::StrCat(surroundings_.state_directory(), "/setup/", kSubject);
    }
    Say(absl::StrCat("written: ", path, "; `zctl init --undo` ",
                     change.before ? "brings back what was there" : "removes it", "\n"));
    return absl::OkStatus();
  }

  void Show(const setup::Change& change) const {
    if (change.before) return setup::ShowChanges({change}, person_);
    person_.show(absl::StrCat("\n", *change.after, "\n"));
  }

  void SayWhatIsNotKnown() const {
    Say("What can't be known yet:\n");
    for (const std::string& sentence : NotKnown(choices_)) Say(Lines("- ", sentence));
  }

  absl::Status Reload() {
    if (!outcome_.written || line_.no_reload || !DaemonRuns()) return absl::OkStatus();
    ZB_ASSIGN_OR_RETURN(const bool may_reload,
                        Confirm("The daemon runs; have it take this now?", true));
    if (!may_reload) {
      Say("`zctl reload` does it later\n");
      return absl::OkStatus();
    }
    ZB_ASSIGN_OR_RETURN(outcome_.reloaded, ReloadDaemon());
    Say(absl::StrCat(outcome_.reloaded, "\n"));
    if (!absl::StrContains(outcome_.reloaded, outcome_.file)) {
      Say(absl::StrCat("but that is not ", EscapeControls(outcome_.file),
                       ": it was started with another configuration\n"));
    }
    return absl::OkStatus();
  }

  void SetUpTools() {
    setup::Person person = person_;
    if (line_.json) person.show = [](absl::string_view) {};
    for (const std::string& name : choices_.tools) {
      setup::CommandLine line;
      line.tool = name;
      line.yes = line_.yes;
      outcome_.set_up.emplace_back(
          name, setup::SetUpTool(*setup::FindToSetUp(name), line, surroundings_, person));
    }
  }

  const CommandLine& line_;
  const tools::Surroundings& surroundings_;
  const setup::Person& person_;
  const AskLine& ask_line_;
  Choices choices_;
  Outcome outcome_;
};

absl::Status Undo(const CommandLine& line, const tools::Surroundings& surroundings,
                  setup::Person person) {
  const auto show = person.show;
  if (line.json) person = {.show = [](absl::string_view) {}};
  setup::CommandLine undo;
  undo.undo = true;
  undo.yes = line.yes;
  ZB_RETURN_IF_ERROR(setup::UndoChanges(kSubject, "zctl init", nullptr, undo,
                                        surroundings.state_directory(), person));
  if (line.json) show(UndoneAsJson());
  return absl::OkStatus();
}

}  // namespace

absl::Status Init(const CommandLine& line, const tools::Surroundings& surroundings,
                  const setup::Person& person, const AskLine& ask_line) {
  return line.undo ? Undo(line, surroundings, person)
                   : Writer(line, surroundings, person, ask_line).Do();
}

}  // namespace zbroker::init
