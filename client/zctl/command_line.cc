#include "client/zctl/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"
#include "client/zctl/arguments.h"
#include "client/zctl/companion.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/message_json.h"
#include "client/zctl/nearest_word.h"
#include "client/zctl/subcommands.h"

namespace zbroker::zctl {
namespace {

class Parser {
 public:
  Parser() : app_("zctl: looks at the broker and changes its mind.", "zctl") {
    app_.set_version_flag("--version", absl::StrCat("zctl ", ZBROKER_VERSION));
    app_.require_subcommand(1);
    // So that --color may stand anywhere.
    app_.fallthrough();
    AddRead(
        &app_, "--color", [this](const auto& text) { return ReadColor(text, &color_); },
        "auto (on a terminal), always or never")
        ->type_name("WHEN");
    app_.footer(
        "Examples:\n"
        "  zctl status             who holds the slots, who waits and why\n"
        "  zctl status --watch     the same, kept up to date\n"
        "  zctl ledger --since 5h --by session\n"
        "  zctl explain            why nothing moves, and what opens it\n"
        "  zctl limit set 4        pin the number of slots; 'zctl limit auto' unpins it\n"
        "'zctl SUBCOMMAND --help' says more. Exit codes: 0 fine, 1 refused or bad news, 2 usage,\n"
        "69 no daemon, 75 'wait' was not to wait any longer.");
    DeclareQuestions(subcommands_);
    DeclareOrders(subcommands_);
    // For the help; main() has run them before.
    for (const Companion& one : Companions()) app_.add_subcommand(one.name, one.description);
  }

  std::variant<CommandLine, Ending> Parse(int argc, const char* const* argv) {
    // CLI11 reports by exceptions; none of them leaves this function.
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return End(error);
    }
    return CommandLine{subcommands_.chosen(), color_};
  }

 private:
  Ending End(const CLI::ParseError& error) const {
    std::ostringstream out;
    std::ostringstream ignored;
    if (app_.exit(error, out, ignored) == 0) return {.exit_code = kExitOk, .out = out.str()};
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    if (!chosen.empty()) {
      return Misused(EscapeControls(error.what()), absl::StrCat("zctl ", chosen[0]->get_name()));
    }
    if (app_.remaining().empty()) {
      return {.exit_code = kExitUsage,
              .error = absl::StrCat("zctl: ", error.what(), "\n\n", app_.help())};
    }
    return Misused(DescribeUnknown(app_.remaining().front()), "zctl");
  }

  static Ending Misused(absl::string_view message, absl::string_view command) {
    return {.exit_code = kExitUsage,
            .error = absl::StrCat("zctl: ", message, "\nTry '", command, " --help'.\n")};
  }

  // For a word in the place of a subcommand.
  std::string DescribeUnknown(const std::string& word) const {
    const std::string shown = EscapeControls(word);
    if (word.rfind('-', 0) == 0) return absl::StrCat("no option ", shown);
    std::vector<std::string> names;
    for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(sub->get_name());
    }
    const std::string nearest = NearestWord(word, names);
    return absl::StrCat("no subcommand \"", shown, "\"",
                        nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
  }

  CLI::App app_;
  ColorMode color_ = ColorMode::kAuto;
  Subcommands subcommands_{&app_};
};

}  // namespace

bool WantsJson(const Command& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.json; }) {
          return one.json;
        } else if constexpr (requires { one.format == LedgerFormat::kJson; }) {
          return one.format == LedgerFormat::kJson;
        } else {
          return false;
        }
      },
      command);
}

std::variant<CommandLine, Ending> ParseCommandLine(int argc, const char* const* argv) {
  auto parsed = Parser().Parse(argc, argv);
  auto* const ending = std::get_if<Ending>(&parsed);
  if (ending == nullptr || ending->exit_code == kExitOk || !AsksForJson(argc, argv)) return parsed;
  // The first line says it, without "zctl: ".
  const absl::string_view line =
      absl::string_view(ending->error).substr(0, ending->error.find('\n'));
  const absl::Status status = absl::InvalidArgumentError(absl::StripPrefix(line, "zctl: "));
  ending->out = absl::StrCat(ToFailure(status, ending->exit_code, JsonStyle::kOneLine), "\n");
  return parsed;
}

}  // namespace zbroker::zctl
