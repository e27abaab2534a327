// The upstream's errors as data: business codes, error types, and phrases for answers without
// either.
#ifndef ZBROKER_SHIMS_ZAI_ERROR_TABLE_H_
#define ZBROKER_SHIMS_ZAI_ERROR_TABLE_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/signal.h"

namespace zbroker::zai {

// How a wall says when it ends.
enum class WallEnd {
  kNone,      // no wall
  kStated,    // in its text
  kMidnight,  // at 00:00 of the provider's clock
};

struct ErrorRow {
  int first;  // business codes, inclusive
  int last;
  Signal signal;
  Scope scope = Scope::kAccount;
  WallEnd wall_end = WallEnd::kNone;
  absl::Duration window_length = absl::ZeroDuration();  // zero: in the text, or not known
  absl::string_view advice = {};
  bool plan = false;  // see Verdict
};

// Null if `code`, of any form, is not a business code that is known.
const ErrorRow* FindErrorRow(absl::string_view code);

// The HTTP status that an `error.type` of the Anthropic API, or an `error.code` of OpenAI's, stands
// for; 0 if it is none.
int StatusOfErrorType(absl::string_view type);
// The inverse, in Anthropic's words: what to call an error with this status.
absl::string_view ErrorTypeOfStatus(int status);

// What a text without a code seems to say. A last resort: REQUIRES that no model wrote it.
struct Phrase {
  absl::string_view text;  // lower case
  Signal signal;
  // Which of several phrases in a text decides: the one of the highest rank. Those of one rank say
  // the same, so the order of the table means nothing.
  int rank;
  WallEnd wall_end = WallEnd::kNone;
  // kWall: whether the phrase makes a wall of a text that says how long the window is and not when
  // it is full again: "usage limit … 5 hour". Words as common as "quota" do so only in a text that
  // says until when.
  bool names_window = false;
};

// The phrase of the highest rank that is in `text`, whatever its case; null if none is. A
// phrase for a wall counts only if the error also says until when (`ends`), or, with names_window,
// how long the window is (`has_window`): else somebody would be shut out for no known time.
const Phrase* FindPhrase(absl::string_view text, bool ends, bool has_window);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ERROR_TABLE_H_
