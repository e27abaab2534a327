#include "shims/init/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/zctl/message_json.h"
#include "shims/setup/list.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::init {
namespace {

constexpr size_t kColumns = 80;

template <typename List>
void Add(const std::vector<std::string>& texts, List* list) {
  for (const std::string& text : texts) list->Add(EscapeControls(text));
}

// What is not known is null.
template <typename Wrapper>
void Set(const std::optional<std::string>& text, Wrapper wrapper) {
  if (text && !text->empty()) wrapper()->set_value(EscapeControls(*text));
}

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
  v1::InitOutcome out;
  out.set_file(EscapeControls(outcome.file));
  out.set_changed(outcome.changed);
  out.set_written(outcome.written);
  Set(outcome.backup, [&] { return out.mutable_backup(); });
  out.set_account(EscapeControls(choices.account));
  Set(choices.plan, [&] { return out.mutable_plan(); });
  Set(choices.generation, [&] { return out.mutable_generation(); });
  Set(choices.purchased, [&] { return out.mutable_purchased(); });
  Set(choices.upstream, [&] { return out.mutable_upstream(); });
  out.set_meter(choices.meter);
  Add(NotKnown(choices), out.mutable_not_known());
  Add(choices.remarks, out.mutable_remarks());
  Add(outcome.found, out.mutable_tools_found());
  for (const auto& [name, status] : outcome.set_up) {
    v1::ToolSetUp& tool = *out.add_tools();
    tool.set_name(EscapeControls(name));
    tool.set_set_up(status.ok());
    Set(std::string(status.message()), [&] { return tool.mutable_error(); });
  }
  Set(outcome.reloaded, [&] { return out.mutable_reloaded(); });
  return absl::StrCat(zctl::ToAnswer(out, zctl::JsonStyle::kOneLine), "\n");
}

std::string UndoneAsJson() {
  v1::InitUndone out;
  out.set_undone(true);
  return absl::StrCat(zctl::ToAnswer(out, zctl::JsonStyle::kOneLine), "\n");
}

std::string ErrorAsJson(const absl::Status& status, int exit_code) {
  return absl::StrCat(zctl::ToFailure(status, exit_code, zctl::JsonStyle::kOneLine), "\n");
}

}  // namespace zbroker::init
