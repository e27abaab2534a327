#include "shims/meter/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "client/zctl/message_json.h"
#include "shims/flags/checks.h"
#include "zbroker/v1/meter.pb.h"

namespace zbroker::meter {
namespace {

constexpr char kFooter[] =
    "Asks the meter of the account's upstream, and of no other host, once or regularly, and tells\n"
    "the daemon: windows then show and use the provider's figures, are reset when it says so, and\n"
    "a wall that it shows to be over is lifted. The key is looked for in what is named here, else\n"
    "in what [meter] of the configuration names, else in Claude Code's settings if they send it "
    "to\n"
    "that very host. Exit codes: 0 fine, 1 the meter could not be read, 2 usage, 69 no daemon.\n\n"
    "Examples:\n"
    "  zctl meter\n"
    "  zctl meter --every 5m --key-file ~/.config/zbroker/key\n"
    "  zctl meter --key-env ZAI_API_KEY --account work";

std::string CheckEvery(const std::string& text) {
  const auto every = zbroker::ParseDuration(text);
  if (!every.ok()) return std::string(every.status().message());
  if (*every >= kApartMin && *every <= kEveryMax) return "";
  return absl::StrCat("\"", text, "\" is not from 1m to 24h");
}

std::string CheckMeterUrl(const std::string& text) {
  return std::string(ParseUrl("--upstream", text).status().message());
}

// Of a command line that is wrong.
int SayUsage(const CLI::App& app, const CLI::ParseError& error, bool json) {
  if (!json) return app.exit(error) == 0 ? 0 : kExitUsage;
  v1::MeterOutcome outcome;
  outcome.set_state("trouble");
  outcome.set_message(EscapeControls(error.what()));
  outcome.set_schema_version(1);
  outcome.set_error("usage");
  std::cout << zctl::ToJson(outcome, zctl::JsonStyle::kOneLine) << std::endl;
  return kExitUsage;
}

void Declare(CLI::App& app, CommandLine& line, std::string& every, std::string& apart, bool& once) {
  CLI::Option* const regularly =
      app.add_option("--every", every, "Go on, asking so often: 1m to 24h (default: once)")
          ->check(CheckEvery)
          ->type_name("DUR");
  app.add_flag("--once", once, "Ask once, which is the default")->excludes(regularly);
  app.add_option("--account", line.account, "Of this account (default: the default account)")
      ->check(flags::CheckNameOf("--account"))
      ->type_name("NAME");
  app.add_option("--upstream", line.upstream,
                 "Base URL of the account's upstream (default: as configured). The key of the\n"
                 "configuration goes to the configured one alone: name one for another")
      ->check(CheckMeterUrl)
      ->type_name("URL");
  CLI::Option* const variable =
      app.add_option("--key-env", line.key.variable, "Environment variable that holds the key")
          ->check(flags::CheckNameOf("--key-env"))
          ->type_name("NAME");
  app.add_option("--key-file", line.key.file, "File that holds the key, which nobody else may read")
      ->check(flags::CheckNameOf("--key-file"))
      ->excludes(variable)
      ->type_name("FILE");
  app.add_flag("--json", line.json, "Print the outcome as JSON")->excludes(regularly);
  app.add_flag("-q,--quiet", line.quiet, "Say nothing but what is wrong");
  // Of tests alone, so without a line in the help.
  app.add_option("--apart", apart)->check(flags::CheckDuration)->group("");
}

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{"Reads the provider's own meter and tells the daemon:\n  zctl meter [OPTIONS]",
               "zctl meter"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  CommandLine line;
  std::string every, apart;
  bool once = false;
  Declare(app, line, every, apart, once);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return SayUsage(app, error, error.get_exit_code() != 0 && zctl::AsksForJson(argc, argv));
  }
  if (!every.empty()) line.every = *zbroker::ParseDuration(every);
  if (!apart.empty()) line.apart = *zbroker::ParseDuration(apart);
  return line;
}

}  // namespace zbroker::meter
