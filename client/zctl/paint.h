// Color by meaning.
#ifndef ZBROKER_CLIENT_ZCTL_PAINT_H_
#define ZBROKER_CLIENT_ZCTL_PAINT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

enum class Paint {
  kPlain,
  kQuiet,    // there if you look for it
  kStrong,   // a heading
  kGood,     // all well
  kCaution,  // worth a look
  kAlarm,    // must not be missed
};

// The text between a terminal's color codes; the bare text when it is empty or `color` is false.
std::string Painted(absl::string_view text, Paint paint, bool color);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_PAINT_H_
