#include "client/zctl/paragraph.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {

std::string Paragraph(absl::string_view label, absl::string_view text, Paint paint, size_t indent,
                      const ViewOptions& options) {
  const std::string margin(indent, ' ');
  const size_t columns = options.columns - std::min(options.columns, indent + kIndent);
  const std::string whole = absl::StrCat(label, text.empty() ? "" : ": ", text);
  std::string out;
  for (const std::string& line : WrapWords(whole, columns)) {
    absl::StrAppend(&out, margin, out.empty() ? "" : std::string(kIndent, ' '),
                    Painted(line, paint, options.color), "\n");
  }
  return out;
}

}  // namespace zbroker::zctl
