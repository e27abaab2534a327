// What a body is by its first bytes, for answers whose header does not say it, or not the truth.
#ifndef ZBROKER_SHIMS_ZAI_LOOK_H_
#define ZBROKER_SHIMS_ZAI_LOOK_H_

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// Editors put it before UTF-8; it is no part of the text.
inline constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

enum class Look {
  kUndecided,  // too few bytes
  kDocument,   // JSON: an object or an array
  kEvents,     // an event stream
  kOther,
};

// `beginning`: the first bytes of a body, decoded. No event stream begins like a JSON object or
// array, nor the other way round. Once it has decided, more bytes change nothing.
Look LookOf(absl::string_view beginning);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_LOOK_H_
