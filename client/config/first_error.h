// What to tell the user about a file in which several things may be wrong.
#ifndef ZBROKER_CLIENT_CONFIG_FIRST_ERROR_H_
#define ZBROKER_CLIENT_CONFIG_FIRST_ERROR_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace zbroker::config {

// Where something stands in a file. Both count from 1, columns in characters.
struct Place {
  uint32_t line = 1;
  uint32_t column = 1;

  auto operator<=>(const Place&) const = default;
};

// Keeps, of all that is wrong with a file, what stands first in it. So a reader goes through the
// file in any order, goes on after a mistake, and the user still mends the file from the top.
// Not thread-safe.
class FirstError {
 public:
  explicit FirstError(std::string file_name) : file_name_(std::move(file_name)) {}

  // Says that the key, a full dotted path, is wrong. Of two reports on one place the earlier stays.
  void Report(Place place, absl::string_view key, absl::string_view problem);

  bool empty() const { return status_.ok(); }
  // OK while nothing was reported, else INVALID_ARGUMENT "FILE:LINE: key: problem".
  const absl::Status& status() const { return status_; }

 private:
  std::string file_name_;
  Place place_;  // of what `status_` says
  absl::Status status_;
};

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_FIRST_ERROR_H_
