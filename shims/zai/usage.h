// What an answer says that it cost, and who gave it.
#ifndef ZBROKER_SHIMS_ZAI_USAGE_H_
#define ZBROKER_SHIMS_ZAI_USAGE_H_

#include <cstdint>
#include <string>

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

// What was served.
struct Served {
  Usage usage;
  std::string model;  // that the answer names; printable UTF-8 of at most 256 bytes
};

// From a body that is not a stream. Nothing is reported if it is no JSON or not the answer to a
// model request.
Served ReadServed(const Endpoint& endpoint, absl::string_view json_body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_USAGE_H_
