#include "client/zctl/help_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace zbroker::zctl {
namespace {

// Where CLI11's second column begins, or further left when somebody narrows it.
constexpr size_t kDescriptionIndent = 20;

bool IsWord(absl::string_view text) {
  return !text.empty() && absl::ascii_islower(text[0]) && std::ranges::all_of(text, [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  });
}

// "a, b and c", "a, b, c", "a or b": all of it words, or nothing.
std::vector<std::string> WordsOf(absl::string_view list) {
  const std::string commas = absl::StrJoin(
      absl::StrSplit(absl::StrJoin(absl::StrSplit(list, " or "), ", "), " and "), ", ");
  std::vector<std::string> words;
  for (absl::string_view one : absl::StrSplit(commas, ',')) {
    one = absl::StripAsciiWhitespace(one);
    absl::ConsumeSuffix(&one, " (default)");
    if (!IsWord(one)) return {};
    words.emplace_back(one);
  }
  return words.size() < 2 ? std::vector<std::string>{} : words;
}

// What the description of an option says of the words that its value can be: "one of a, b" or
// "what it is for: a, b (default) or c", up to where other things are said.
std::vector<std::string> ChoicesIn(absl::string_view description) {
  for (const absl::string_view mark : {"one of ", ": ", ""}) {
    const size_t at = description.find(mark);
    if (at == absl::string_view::npos) continue;
    absl::string_view rest = description.substr(at + mark.size());
    if (mark.empty()) rest = rest.substr(0, rest.find(" (default:"));
    std::vector<std::string> words = WordsOf(rest);
    if (!words.empty()) return words;
  }
  return {};
}

// "TEXT:{a,b}", "a|b", "N|auto".
HelpValue ParseValue(absl::string_view text) {
  HelpValue value;
  const std::pair<absl::string_view, absl::string_view> halves =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  value.name = std::string(halves.first);
  absl::string_view list = halves.second;
  if (absl::ConsumePrefix(&list, "{") && absl::ConsumeSuffix(&list, "}")) {
    value.choices = absl::StrSplit(list, ',');
    return value;
  }
  for (const absl::string_view one : absl::StrSplit(value.name, '|')) {
    if (IsWord(one)) value.choices.emplace_back(one);
  }
  return value;
}

// "-q,--quiet", "--since DUR", "--csv Excludes: --json", "lease LEASE REQUIRED".
struct Item {
  std::string names;
  HelpValue value;
  std::string description;  // of all its lines
};

void ReadHead(absl::string_view head, Item& item) {
  std::vector<absl::string_view> words = absl::StrSplit(head, ' ', absl::SkipEmpty());
  item.names = std::string(words[0]);
  if (words.size() < 2 || absl::EndsWith(words[1], ":") || words[1] == "REQUIRED") return;
  item.value = ParseValue(words[1]);
}

// The items of a section, which begins behind the line "Options:" or the like.
std::vector<Item> ReadItems(const std::vector<absl::string_view>& lines, absl::string_view title) {
  std::vector<Item> items;
  bool inside = false;
  for (const absl::string_view line : lines) {
    if (!absl::StartsWith(line, " ")) {
      inside = line == title;
      continue;
    }
    if (!inside) continue;
    const size_t indent = line.find_first_not_of(' ');
    if (indent == absl::string_view::npos) continue;
    absl::string_view rest = line.substr(indent);
    if (indent < kDescriptionIndent) {
      const size_t end = rest.find("  ");
      items.emplace_back();
      ReadHead(rest.substr(0, end), items.back());
      if (end == absl::string_view::npos) continue;
      rest = absl::StripLeadingAsciiWhitespace(rest.substr(end));
    } else if (items.empty()) {
      continue;
    }
    std::string& description = items.back().description;
    absl::StrAppend(&description, description.empty() ? "" : " ", rest);
  }
  return items;
}

// "  zlease gateway [--help]     for programs …" behind "zlease" names a subcommand.
void ReadUsageLines(const std::vector<absl::string_view>& lines, absl::string_view command,
                    HelpText& help) {
  for (absl::string_view line : lines) {
    if (absl::StartsWith(line, "Usage:")) return;
    if (!absl::ConsumePrefix(&line, absl::StrCat("  ", command, " "))) continue;
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    const size_t end = line.find("  ");
    if (words.empty() || !IsWord(words[0]) || end == absl::string_view::npos) continue;
    help.subcommands.push_back(
        {std::string(words[0]), std::string(absl::StripAsciiWhitespace(line.substr(end)))});
  }
}

// "An AGENT (claude, opencode) runs": what may stand where the usage says AGENT.
void ReadNamedWords(absl::string_view text, HelpText& help) {
  const size_t at = text.find("AGENT (");
  if (at == absl::string_view::npos) return;
  const absl::string_view list = text.substr(at + 7, text.find(')', at) - at - 7);
  for (const std::string& word : WordsOf(list)) {
    help.subcommands.push_back({word, "behind a gateway"});
  }
}

}  // namespace

HelpText ParseHelpText(absl::string_view text, absl::string_view command) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  HelpText help;
  for (Item& item : ReadItems(lines, "Options:")) {
    HelpOption option{.names = absl::StrSplit(item.names, ','), .value = std::move(item.value)};
    if (!option.value.name.empty() && option.value.choices.empty()) {
      option.value.choices = ChoicesIn(item.description);
    }
    option.description = std::move(item.description);
    help.options.push_back(std::move(option));
  }
  for (Item& item : ReadItems(lines, "Positionals:")) {
    help.arguments.push_back(std::move(item.value));
  }
  for (Item& item : ReadItems(lines, "Subcommands:")) {
    help.subcommands.push_back({item.names, std::move(item.description)});
  }
  ReadUsageLines(lines, command, help);
  ReadNamedWords(text, help);
  return help;
}

}  // namespace zbroker::zctl
