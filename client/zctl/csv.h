// Comma-separated values as RFC 4180 has them.
#ifndef ZBROKER_CLIENT_ZCTL_CSV_H_
#define ZBROKER_CLIENT_ZCTL_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// One record with its line end, CRLF. Fields with a comma, a quote or a line break are quoted.
std::string CsvRecord(const std::vector<std::string>& fields);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_CSV_H_
