// Requests that a program makes of itself beside a person's work: titles, topics, probes. Told by
// what they say, since no header tells them.
#ifndef ZBROKER_SHIMS_ZAI_BACKGROUND_H_
#define ZBROKER_SHIMS_ZAI_BACKGROUND_H_

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// Where a text stands in a request: in the instructions, or in the last message of the user.
enum class Place { kSystem, kUser };

enum class Match { kPrefix, kWhole };

// How a program's own request begins. Whatever bears a mark is a call and no prompt.
struct Mark {
  Place place;
  Match match;
  absl::string_view text;  // without characters that JSON escapes
  // Nobody waits for it. Otherwise it is a step of the work under way.
  bool background;
  // Fits only a request that offers no tools. Guards texts that a person could type too.
  bool without_tools;
};

// The mark that a JSON string bears, null if none. `raw` is the string as it stands in the
// document, escapes and all, from behind its opening quote to any point after its closing one.
const Mark* FindMark(Place place, absl::string_view raw);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_BACKGROUND_H_
