// Taking the bytes of an input apart.
#ifndef ZBROKER_TESTS_FUZZ_INPUT_H_
#define ZBROKER_TESTS_FUZZ_INPUT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/signal.h"

namespace zbroker::fuzz {

// Removes and returns the first byte; 0 if there is none.
uint8_t TakeByte(absl::string_view* input);

// One of the endpoints, by the first byte.
zai::Endpoint TakeEndpoint(absl::string_view* input);

inline constexpr absl::Time kNow = absl::FromUnixSeconds(1790000000);

// What is wrong with a verdict given at kNow; empty if nothing is.
std::string Mistake(const zai::Verdict& verdict);

// Whether a string keeps its bound and may go to the daemon.
bool IsName(absl::string_view text, size_t bytes_max);

}  // namespace zbroker::fuzz

#endif  // ZBROKER_TESTS_FUZZ_INPUT_H_
