// How the functions here see HTTP headers, whatever holds them.
#ifndef ZBROKER_SHIMS_ZAI_HEADERS_H_
#define ZBROKER_SHIMS_ZAI_HEADERS_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace zbroker::zai {

// Gives the value of a header by its name in lower case; empty if there is none. Of a repeated
// header any one will do. It is called only while the function it was passed to runs.
using HeaderLookup = absl::FunctionRef<absl::string_view(absl::string_view lower_case_name)>;

inline absl::string_view NoHeaders(absl::string_view /*lower_case_name*/) { return {}; }

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_HEADERS_H_
