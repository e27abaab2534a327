// Writing JSON strings.
#ifndef ZBROKER_SHIMS_ZAI_JSON_TEXT_H_
#define ZBROKER_SHIMS_ZAI_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// `text` quoted and escaped. Bytes that are not UTF-8 become U+FFFD, so the result always is JSON.
std::string JsonString(absl::string_view text);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_JSON_TEXT_H_
