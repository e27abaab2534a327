#include "client/zctl/words.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace zbroker::zctl {
namespace {

// A word is its value's name without the prefix that proto3 makes every name carry.
std::string WordFor(const google::protobuf::EnumDescriptor* type, absl::string_view prefix,
                    int number) {
  if (number == 0) return "";
  const auto* value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  return absl::AsciiStrToLower(absl::StripPrefix(value->name(), prefix));
}

// 0 when there is no such word.
int NumberFor(const google::protobuf::EnumDescriptor* type, absl::string_view prefix,
              absl::string_view word) {
  const auto* value =
      type->FindValueByName(absl::StrCat(prefix, absl::AsciiStrToUpper(std::string(word))));
  return value == nullptr ? 0 : value->number();
}

std::string WordsOf(const google::protobuf::EnumDescriptor* type, absl::string_view prefix) {
  std::vector<std::string> words;
  for (int i = 0; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    if (number != 0) words.push_back(WordFor(type, prefix, number));
  }
  return absl::StrJoin(words, ", ");
}

constexpr absl::string_view kOutcomePrefix = "OUTCOME_";
constexpr absl::string_view kPriorityPrefix = "PRIORITY_";
constexpr absl::string_view kGroupByPrefix = "GROUP_BY_";

}  // namespace

std::string Word(v1::Kind kind) { return WordFor(v1::Kind_descriptor(), "KIND_", kind); }
std::string Word(v1::Priority priority) {
  return WordFor(v1::Priority_descriptor(), kPriorityPrefix, priority);
}
std::string Word(v1::Outcome outcome) {
  return WordFor(v1::Outcome_descriptor(), kOutcomePrefix, outcome);
}
std::string Word(v1::GroupBy group_by) {
  return WordFor(v1::GroupBy_descriptor(), kGroupByPrefix, group_by);
}

std::string Word(v1::BlockReason reason) {
  if (reason == v1::BLOCK_REASON_COOL_DOWN) return "cool-down";
  return WordFor(v1::BlockReason_descriptor(), "BLOCK_REASON_", reason);
}

std::optional<v1::Outcome> ParseOutcome(absl::string_view word) {
  const int number = NumberFor(v1::Outcome_descriptor(), kOutcomePrefix, word);
  if (number == 0) return std::nullopt;
  return static_cast<v1::Outcome>(number);
}

std::optional<v1::Priority> ParsePriority(absl::string_view word) {
  const int number = NumberFor(v1::Priority_descriptor(), kPriorityPrefix, word);
  if (number == 0) return std::nullopt;
  return static_cast<v1::Priority>(number);
}

std::optional<v1::GroupBy> ParseGroupBy(absl::string_view word) {
  const int number = NumberFor(v1::GroupBy_descriptor(), kGroupByPrefix, word);
  if (number == 0) return std::nullopt;
  return static_cast<v1::GroupBy>(number);
}

std::string OutcomeWords() { return WordsOf(v1::Outcome_descriptor(), kOutcomePrefix); }
std::string GroupByWords() { return WordsOf(v1::GroupBy_descriptor(), kGroupByPrefix); }

}  // namespace zbroker::zctl
