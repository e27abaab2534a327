// From what an error says to what it means. For sources of this folder only.
#ifndef ZBROKER_SHIMS_ZAI_JUDGE_H_
#define ZBROKER_SHIMS_ZAI_JUDGE_H_

#include "absl/time/time.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/error_facts.h"
#include "shims/zai/headers.h"
#include "shims/zai/signal.h"

namespace zbroker::zai {

// Where and how an error arrived.
struct Circumstances {
  const Endpoint& endpoint;
  int status;  // of the HTTP answer
  HeaderLookup headers;
  absl::Time now;
};

// The business code decides, but that a text which begins with an HTTP status' name says what a
// mere fault is. Without a code that is known: the HTTP status, else the one that the error names;
// and, where that is 429 or nothing and there is no business code at all, the phrases of its text.
// A text that says which window is used up until when is also believed under 402, 403 and 5xx.
Verdict Judge(const ErrorFacts& facts, const Circumstances& circumstances);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_JUDGE_H_
