#include "tests/testing/schema_check.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::testing {
namespace {

using google::protobuf::Value;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;

constexpr char kDefinitions[] = "definitions";

bool IsOfType(const Value& value, const std::string& type) {
  if (type == "null") return value.has_null_value();
  if (type == "boolean") return value.has_bool_value();
  if (type == "number") return value.has_number_value();
  if (type == "integer") {
    return value.has_number_value() && std::trunc(value.number_value()) == value.number_value();
  }
  if (type == "string") return value.has_string_value();
  if (type == "array") return value.has_list_value();
  return type == "object" && value.has_struct_value();
}

bool IsOfOneType(const Value& value, const Value& types) {
  if (!types.has_list_value()) return IsOfType(value, types.string_value());
  return std::ranges::any_of(types.list_value().values(), [&](const Value& type) {
    return IsOfType(value, type.string_value());
  });
}

bool Matches(const Value& value, const std::string& pattern) {
  return !value.has_string_value() || std::regex_search(value.string_value(), std::regex(pattern));
}

}  // namespace

SchemaCheck::SchemaCheck(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  const auto read = JsonStringToMessage(text.str(), &root_);
  if (!read.ok()) Fault(file, std::string(read.message()));
}

std::vector<std::string> SchemaCheck::FaultsOf(const std::string& json, const std::string& name) {
  Value value;
  const auto read = JsonStringToMessage(json, &value);
  if (!read.ok()) Fault("", absl::StrCat("is no JSON, ", std::string(read.message()), ": ", json));
  Schema schema = root_;
  if (!name.empty()) {
    schema.Clear();
    (*schema.mutable_fields())["$ref"].set_string_value(
        absl::StrCat("#/", kDefinitions, "/", name));
  }
  if (faults_.empty()) Check(value, schema, "");
  return std::move(faults_);
}

void SchemaCheck::Fault(const std::string& place, const std::string& words) {
  faults_.push_back(absl::StrCat(place, ": ", words));
}

void SchemaCheck::Check(const Value& value, const Schema& schema, const std::string& place) {
  for (const auto& [keyword, wanted] : schema.fields()) {
    CheckKeyword(value, schema, keyword, wanted, place);
  }
}

bool SchemaCheck::Fits(const Value& value, const Schema& schema, const std::string& place) {
  const size_t before = faults_.size();
  Check(value, schema, place);
  const bool fits = faults_.size() == before;
  faults_.resize(before);
  return fits;
}

void SchemaCheck::CheckKeyword(const Value& value, const Schema& schema, const std::string& keyword,
                               const Value& wanted, const std::string& place) {
  const auto expect = [&](bool holds) {
    if (holds) return;
    Fault(place, absl::StrCat(keyword, " ", wanted.ShortDebugString(), ", found ",
                              value.ShortDebugString()));
  };
  const auto& fields = schema.fields();
  if (keyword == "type") {
    expect(IsOfOneType(value, wanted));
  } else if (keyword == "const") {
    expect(MessageDifferencer::Equals(value, wanted));
  } else if (keyword == "enum") {
    expect(std::ranges::any_of(wanted.list_value().values(), [&](const Value& one) {
      return MessageDifferencer::Equals(value, one);
    }));
  } else if (keyword == "pattern") {
    expect(Matches(value, wanted.string_value()));
  } else if (keyword == "minimum") {
    expect(!value.has_number_value() || value.number_value() >= wanted.number_value());
  } else if (keyword == "maximum") {
    expect(!value.has_number_value() || value.number_value() <= wanted.number_value());
  } else if (keyword == "exclusiveMinimum") {
    expect(!value.has_number_value() || value.number_value() > wanted.number_value());
  } else if (keyword == "anyOf") {
    expect(std::ranges::any_of(wanted.list_value().values(), [&](const Value& one) {
      return Fits(value, one.struct_value(), place);
    }));
  } else if (keyword == "items") {
    int i = 0;
    for (const Value& one : value.list_value().values()) {
      Check(one, wanted.struct_value(), absl::StrCat(place, "[", i++, "]"));
    }
  } else if (keyword == "required") {
    for (const Value& one : wanted.list_value().values()) {
      if (value.struct_value().fields().contains(one.string_value())) continue;
      Fault(place, absl::StrCat("no ", one.string_value()));
    }
  } else if (keyword == "$ref") {
    const std::string name(
        absl::StripPrefix(wanted.string_value(), absl::StrCat("#/", kDefinitions, "/")));
    const auto& definitions = root_.fields().at(kDefinitions).struct_value().fields();
    const auto found = definitions.find(name);
    if (found == definitions.end()) return Fault(place, absl::StrCat("no definition of ", name));
    Check(value, found->second.struct_value(), place);
  } else if (keyword == "properties") {
    CheckMembers(value, schema, place);
  } else if (keyword == "additionalProperties") {
    if (!fields.contains("properties")) CheckMembers(value, schema, place);
  } else if (keyword != "$schema" && keyword != "title" && keyword != "description" &&
             keyword != "examples" && keyword != "format" && keyword != "default" &&
             keyword != kDefinitions) {
    Fault(place, absl::StrCat("the schema's keyword ", keyword, " is not known here"));
  }
}

void SchemaCheck::CheckMembers(const Value& value, const Schema& schema, const std::string& place) {
  static const Value none;
  const auto get = [&](const char* name) -> const Value& {
    const auto found = schema.fields().find(name);
    return found == schema.fields().end() ? none : found->second;
  };
  const auto& properties = get("properties").struct_value().fields();
  for (const auto& [key, member] : value.struct_value().fields()) {
    const auto property = properties.find(key);
    const std::string at = absl::StrCat(place, ".", key);
    if (property != properties.end()) {
      Check(member, property->second.struct_value(), at);
    } else if (get("additionalProperties").has_struct_value()) {
      Check(member, get("additionalProperties").struct_value(), at);
    } else {
      Fault(at, "the schema has no such member");
    }
  }
}

}  // namespace zbroker::testing
