// One line for the bottom of a screen: slots, queue, windows, and what blocks.
#ifndef ZBROKER_CLIENT_ZCTL_STATUSLINE_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_STATUSLINE_VIEW_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/zctl/paint.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// Whose line it is. A template is text with {placeholders}; see kPlaceholders.
enum class BarKind { kTerminal, kTmux, kWaybar, kStarship, kTemplate };

inline constexpr char kPlaceholders[] = "{account} {slots} {waiting} {windows} {blocked} {line}";

// Of an option's text: a name, or a template. Errors: INVALID_ARGUMENT for a name or a placeholder
// that is none.
absl::Status CheckBar(absl::string_view format);
BarKind BarOf(absl::string_view format);

// The first account of the status. `session`: whose waiters are counted as one's own; may be empty.
// Neither has a line feed.
std::string RenderStatusline(const v1::Status& status, absl::string_view format,
                             const std::string& session, bool color, absl::TimeZone zone);
// Instead of it, when there is nothing to be told but this.
std::string RenderNoStatusline(absl::string_view why, absl::string_view format, bool color);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_STATUSLINE_VIEW_H_
