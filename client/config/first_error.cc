#include "client/config/first_error.h"

#include "absl/strings/str_cat.h"

namespace zbroker::config {

void FirstError::Report(Place place, absl::string_view key, absl::string_view problem) {
  if (!status_.ok() && place_ <= place) return;
  place_ = place;
  status_ = absl::InvalidArgumentError(
      absl::StrCat(file_name_, ":", place.line, ": ", key, ": ", problem));
}

}  // namespace zbroker::config
