#include "shims/init/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "shims/setup/list.h"
#include "shims/tools/json_settings.h"

namespace zbroker::init {
namespace {

using tools::JsonQuote;

constexpr size_t kColumns = 80;

std::string JsonText(const std::string& text) { return JsonQuote(EscapeControls(text)); }

std::string OrNull(const std::optional<std::string>& text) {
  return text && !text->empty() ? JsonText(*text) : "null";
}

std::string List(const std::vector<std::string>& texts) {
  return absl::StrCat("[",
                      absl::StrJoin(texts, ",",
                                    [](std::string* out, const std::string& text) {
                                      absl::StrAppend(out, JsonText(text));
                                    }),
                      "]");
}

const char* Word(bool value) { return value ? "true" : "false"; }

}  // namespace

std::vector<std::string> NotKnown(const Choices& choices) {
  std::vector<std::string> sentences = {
      "How many requests the account takes at once, and each model: no plan says. It is learned "
      "from what is served and refused; `zctl limit` shows it."};
  if (!choices.plan) {
    sentences.push_back(
        "What the quota is: without a plan it is only counted, until the provider's meter has been "
        "asked.");
    return sentences;
  }
  sentences.push_back(absl::StrCat(
      "The quota to the last request: what is published is approximate. Beyond it one request at a "
      "time passes until the provider refuses",
      choices.meter ? "; its meter corrects the figures."
                    : "; `zctl meter` asks for its figures."));
  if (!choices.purchased) {
    sentences.push_back(
        "When a week and a month of the quota begin, as the date of the purchase is not known: the "
        "provider's meter tells.");
  }
  return sentences;
}

std::string Lines(absl::string_view begin, absl::string_view text) {
  std::string lines(begin);
  size_t column = begin.size();
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > begin.size() && column + 1 + word.size() > kColumns) {
      absl::StrAppend(&lines, "\n", std::string(begin.size(), ' '));
      column = begin.size();
    }
    if (column > begin.size()) absl::StrAppend(&lines, " ");
    absl::StrAppend(&lines, word);
    column += 1 + word.size();
  }
  return absl::StrCat(lines, "\n");
}

std::string Next(const Outcome& outcome) {
  const std::string tool = outcome.found.empty() ? "" : outcome.found.front();
  const std::string command = tool.empty() ? "-- CMD" : tool == "continue" ? "cn" : tool;
  std::string first = absl::StrCat("  zlease ", command);
  first.resize(std::max<size_t>(first.size() + 2, 20), ' ');
  std::vector<std::string> names;
  for (const std::string& name : outcome.found) names.push_back(setup::ShownName(name));
  return absl::StrCat(
      "Next:\n",
      Lines(first, tool.empty() ? "a slot for as long as CMD runs"
                                : absl::StrCat("a slot for each request; it works for ",
                                               absl::StrJoin(names, ", "),
                                               ". `zctl setup TOOL` does it for good")),
      "  zctl status       who holds the slots, and what is used\n");
}

std::string ToJson(const Outcome& outcome, const Choices& choices) {
  std::vector<std::string> set_up;
  for (const auto& [name, status] : outcome.set_up) {
    set_up.push_back(absl::StrCat(
        "{\"name\":", JsonText(name), ",\"set_up\":", Word(status.ok()),
        ",\"error\":", status.ok() ? "null" : JsonText(std::string(status.message())), "}"));
  }
  return absl::StrCat(
      "{\"file\":", JsonText(outcome.file), ",\"changed\":", Word(outcome.changed),
      ",\"written\":", Word(outcome.written), ",\"backup\":", OrNull(outcome.backup),
      ",\"account\":", JsonText(choices.account), ",\"plan\":", OrNull(choices.plan),
      ",\"generation\":", OrNull(choices.generation), ",\"purchased\":", OrNull(choices.purchased),
      ",\"upstream\":", OrNull(choices.upstream), ",\"meter\":", Word(choices.meter),
      ",\"not_known\":", List(NotKnown(choices)), ",\"remarks\":", List(choices.remarks),
      ",\"tools_found\":", List(outcome.found), ",\"tools\":[", absl::StrJoin(set_up, ","),
      "],\"reloaded\":", OrNull(outcome.reloaded), "}\n");
}

std::string ErrorAsJson(const absl::Status& status) {
  return absl::StrCat("{\"error\":{\"code\":\"", absl::StatusCodeToString(status.code()),
                      "\",\"message\":", JsonText(std::string(status.message())), "}}\n");
}

}  // namespace zbroker::init
