// The bodies of ordinary answers: whole ones and the pieces of streams, in both protocols. Pure.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_MESSAGES_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/testing/upstream/error_shapes.h"
#include "tests/testing/upstream/routes.h"

namespace zbroker::testing {

// One model request and what its answer must say.
struct Exchange {
  Protocol protocol = Protocol::kPlain;
  bool stream = false;
  std::string model = "glm-4.7";
  std::string request_id;
  int64_t created_s = 0;  // Unix time
  size_t input_tokens = 0;
  int64_t output_tokens = 0;  // one in each chunk of a stream
  std::string finish_reason;  // empty: the protocol's usual one
};

// Fills protocol, stream, model and input_tokens from a request's body. A plain one may be anything
// and never streams. Errors: INVALID_ARGUMENT when the body is not what the protocol asks for.
absl::StatusOr<Exchange> ReadExchange(Protocol protocol, absl::string_view body);

// The answer that is no stream.
std::string WholeAnswer(const Exchange& exchange);
absl::string_view WholeAnswerType(Protocol protocol);

// A stream is its opening, chunks 0 to output_tokens - 1, and its closing. REQUIRES of all four:
// the protocol is not kPlain.
std::string StreamOpening(const Exchange& exchange);
std::string StreamChunk(const Exchange& exchange, int64_t index);
std::string StreamClosing(const Exchange& exchange);
// What the provider sends in a stream in place of the rest of it.
std::string StreamError(const Exchange& exchange, const ProviderError& error);

// A rough measure, four bytes each.
size_t CountTokens(absl::string_view body);
std::string CountTokensAnswer(absl::string_view body);
std::string ModelsAnswer(Protocol protocol);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_MESSAGES_H_
