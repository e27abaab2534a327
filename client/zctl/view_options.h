// How an answer may look.
#ifndef ZBROKER_CLIENT_ZCTL_VIEW_OPTIONS_H_
#define ZBROKER_CLIENT_ZCTL_VIEW_OPTIONS_H_

#include <cstddef>
#include <limits>

#include "absl/time/time.h"

namespace zbroker::zctl {

// How far what belongs to a line is indented under it.
inline constexpr size_t kIndent = 2;

struct ViewOptions {
  static constexpr size_t kUnbounded = std::numeric_limits<size_t>::max();

  size_t columns = kUnbounded;  // a line should not be longer
  bool color = false;
  bool indent_json = false;
  absl::TimeZone zone = absl::LocalTimeZone();  // in which people read instants
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_VIEW_OPTIONS_H_
