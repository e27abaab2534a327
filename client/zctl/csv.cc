#include "client/zctl/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace zbroker::zctl {
namespace {

void AppendField(std::string* out, absl::string_view field) {
  if (field.find_first_of(",\"\r\n") == absl::string_view::npos) {
    absl::StrAppend(out, field);
  } else {
    absl::StrAppend(out, "\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
  }
}

}  // namespace

std::string CsvRecord(const std::vector<std::string>& fields) {
  return absl::StrCat(absl::StrJoin(fields, ",", AppendField), "\r\n");
}

}  // namespace zbroker::zctl
