// Running text of a screen.
#ifndef ZBROKER_CLIENT_ZCTL_PARAGRAPH_H_
#define ZBROKER_CLIENT_ZCTL_PARAGRAPH_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "client/zctl/paint.h"
#include "client/zctl/view_options.h"

namespace zbroker::zctl {

// "<label>: <text>", or the label alone, over as many lines as it needs, all but the first one
// indented.
std::string Paragraph(absl::string_view label, absl::string_view text, Paint paint, size_t indent,
                      const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_PARAGRAPH_H_
