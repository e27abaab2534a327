// What is fuzzed. Each target takes any bytes, checks what must hold whatever they are, and returns
// what did not; empty if all held. Memory errors are the sanitizers' to find.
#ifndef ZBROKER_TESTS_FUZZ_TARGETS_H_
#define ZBROKER_TESTS_FUZZ_TARGETS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::fuzz {

// The first byte chooses an endpoint, the rest is a request's body.
std::string FuzzInspect(absl::string_view input);

// The first byte chooses an endpoint, the second a status, the rest is an answer's body; and also
// the text of completions, of which it must never make errors.
std::string FuzzClassify(absl::string_view input);

// The first byte chooses an endpoint, the second how the rest, an event stream, is split; and also
// the text of a stream.
std::string FuzzStream(absl::string_view input);

// The first byte chooses an encoding, the second how the rest is split.
std::string FuzzDecode(absl::string_view input);

// A text that may state times and lengths of time, a request id, or the value of a header.
std::string FuzzResetTime(absl::string_view input);

// The first byte chooses a status, the rest is an answer of the provider's meter.
std::string FuzzMeter(absl::string_view input);

// What an MCP server and its client say, and when leases come: a byte says whose the next bytes
// are, how many, and what happens after them, as TurnOf() makes it.
std::string FuzzMcp(absl::string_view input);

// A turn of FuzzMcp: the text, with spaces before it, and what then happens.
enum class Then { kNothing, kTime, kGrant, kRefusal };
std::string TurnOf(bool client, Then then, absl::string_view text);

}  // namespace zbroker::fuzz

#endif  // ZBROKER_TESTS_FUZZ_TARGETS_H_
