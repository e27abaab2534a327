// What a program's `--help` says, read back: the options, values and subcommands that can be
// completed. The layout is the one that all our programs share, CLI11's.
#ifndef ZBROKER_CLIENT_ZCTL_HELP_TEXT_H_
#define ZBROKER_CLIENT_ZCTL_HELP_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// What may stand in the place of an option's value, or of an argument.
struct HelpValue {
  std::string name;  // "NAME", "LEASE|TICKET", "FILE"; empty: a flag, which takes none
  std::vector<std::string> choices;  // all words that are possible, as far as the help names them
};

struct HelpOption {
  std::vector<std::string> names;  // "-q", "--quiet"
  HelpValue value;
  std::string description;  // its first line
};

struct HelpWord {
  std::string word;
  std::string description;
};

struct HelpText {
  std::vector<HelpOption> options;
  std::vector<HelpWord> subcommands;
  std::vector<HelpValue> arguments;  // in their order
};

// `command` is how the help's own lines begin that show its usage, "zlease" or "zctl setup": what
// they name behind it in lower case is a subcommand, too. What is not understood is left out.
HelpText ParseHelpText(absl::string_view text, absl::string_view command);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_HELP_TEXT_H_
