#include "tests/testing/upstream/json_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zbroker::testing {

namespace json = boost::json;

absl::StatusOr<json::value> ParseJson(absl::string_view text) {
  json::parse_options options;
  options.max_depth = 256;
  json::error_code error;
  json::value value =
      json::parse(json::string_view(text.data(), text.size()), error, json::storage_ptr(), options);
  if (error) return absl::InvalidArgumentError(absl::StrCat("not JSON: ", error.message()));
  return value;
}

void JsonReader::ReadInt(const char* name, int64_t min, int64_t max, int64_t* out) {
  const json::value* value = Read(name);
  if (value == nullptr) return;
  json::error_code error;
  const int64_t number = value->to_number<int64_t>(error);
  if (error || number < min || number > max) {
    Fail(name, absl::StrCat("a whole number from ", min, " to ", max));
    return;
  }
  *out = number;
}

void JsonReader::ReadNumber(const char* name, double min, double max, double* out) {
  const json::value* value = Read(name);
  if (value == nullptr) return;
  json::error_code error;
  const double number = value->to_number<double>(error);
  if (error || !(number >= min && number <= max)) {
    Fail(name, absl::StrCat("a number from ", min, " to ", max));
    return;
  }
  *out = number;
}

void JsonReader::ReadMillis(const char* name, absl::Duration* out) {
  double ms = absl::ToDoubleMilliseconds(*out);
  ReadNumber(name, 0, absl::ToDoubleMilliseconds(absl::Hours(1)), &ms);
  *out = absl::Milliseconds(ms);
}

void JsonReader::ReadBool(const char* name, bool* out) {
  const json::value* value = Read(name);
  if (value == nullptr) return;
  if (!value->is_bool()) {
    Fail(name, "true or false");
    return;
  }
  *out = value->get_bool();
}

void JsonReader::ReadText(const char* name, std::string* out) {
  const json::value* value = Read(name);
  if (value == nullptr) return;
  if (!value->is_string()) {
    Fail(name, "a string");
    return;
  }
  out->assign(value->get_string().data(), value->get_string().size());
}

const json::value* JsonReader::Read(const char* name) {
  asked_for_.emplace_back(name);
  return status_.ok() ? object_.if_contains(name) : nullptr;
}

void JsonReader::Fail(const char* name, absl::string_view expected) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(where_, ": ", name, " must be ", expected));
}

absl::Status JsonReader::Finish() const {
  if (!status_.ok()) return status_;
  for (const json::key_value_pair& member : object_) {
    const std::string name(member.key().data(), member.key().size());
    if (std::find(asked_for_.begin(), asked_for_.end(), name) == asked_for_.end()) {
      return absl::InvalidArgumentError(absl::StrCat(where_, ": unknown member ", name));
    }
  }
  return absl::OkStatus();
}

}  // namespace zbroker::testing
