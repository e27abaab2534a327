// The protocol's enumerations in the words of the command line and of CSV.
#ifndef ZBROKER_CLIENT_ZCTL_WORDS_H_
#define ZBROKER_CLIENT_ZCTL_WORDS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::zctl {

// Empty for the unspecified value; the number for one this program does not know.
std::string Word(v1::Kind kind);
std::string Word(v1::Priority priority);
std::string Word(v1::Outcome outcome);
std::string Word(v1::GroupBy group_by);
std::string Word(v1::BlockReason reason);

std::optional<v1::Outcome> ParseOutcome(absl::string_view word);
std::optional<v1::Priority> ParsePriority(absl::string_view word);
std::optional<v1::GroupBy> ParseGroupBy(absl::string_view word);

// All that the parsers take, with commas between them.
std::string OutcomeWords();
std::string GroupByWords();

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WORDS_H_
