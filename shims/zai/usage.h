// What an answer says it cost.
#ifndef ZBROKER_SHIMS_ZAI_USAGE_H_
#define ZBROKER_SHIMS_ZAI_USAGE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"

namespace zbroker::zai {

// Tokens. The three are disjoint: cached input is not part of `input`. Each from 0 to 10^12.
struct Usage {
  int64_t input = 0;
  int64_t cached = 0;
  int64_t output = 0;
  bool reported = false;  // figures were seen, and not all of them were zero
};

// From a body that is not a stream. Not reported if it holds no figures, is no JSON or not the
// answer to a model request.
Usage ReadUsage(const Endpoint& endpoint, absl::string_view json_body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_USAGE_H_
