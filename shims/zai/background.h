// Requests that a program makes of itself beside a person's work: titles, topics, probes. Most are
// told by what they say, since no header tells them.
#ifndef ZBROKER_SHIMS_ZAI_BACKGROUND_H_
#define ZBROKER_SHIMS_ZAI_BACKGROUND_H_

#include "absl/strings/string_view.h"
#include "shims/zai/headers.h"

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

// Whether a JSON string begins as what Codex says of its surroundings in the user's name: the
// instructions of a folder, the machine, what became of a turn. `raw` as for FindMark.
bool IsContext(absl::string_view raw);

// What the headers say that a request is for.
enum class Purpose {
  kUnsaid,
  kStep,        // a step of the work under way: no prompt
  kBackground,  // nobody waits for it
};
Purpose PurposeOf(HeaderLookup headers);

// The mark that a JSON string bears, null if none. `raw` is the string as it stands in the
// document, escapes and all, from behind its opening quote to any point after its closing one.
const Mark* FindMark(Place place, absl::string_view raw);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_BACKGROUND_H_
