#include "shims/agents/schema.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "zbroker/v1/agent.pb.h"

namespace zbroker::agents {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Struct;
using google::protobuf::Value;

enum class Use { kArguments, kResult };

constexpr size_t kFaultBytesMax = 300;

void Set(Struct* schema, const char* name, const std::string& text) {
  (*schema->mutable_fields())[name].set_string_value(text);
}

// A message that is not set is null in a result.
void SetType(Struct* schema, const char* type, bool or_null) {
  Value& value = (*schema->mutable_fields())["type"];
  if (!or_null) return value.set_string_value(type);
  value.mutable_list_value()->add_values()->set_string_value(type);
  value.mutable_list_value()->add_values()->set_string_value("null");
}

Struct SchemaOf(const Descriptor& message, Use use);

Struct SchemaOfMessage(const FieldDescriptor& field, Use use) {
  const bool or_null = use == Use::kResult && !field.is_repeated();
  const Descriptor& type = *field.message_type();
  Struct schema;
  if (&type == google::protobuf::Timestamp::descriptor()) {
    SetType(&schema, "string", or_null);
    Set(&schema, "format", "date-time");
  } else if (&type == google::protobuf::Duration::descriptor()) {
    SetType(&schema, "string", or_null);
    Set(&schema, "pattern", "^-?[0-9]+(\\.[0-9]+)?s$");
  } else {
    schema = SchemaOf(type, use);
    SetType(&schema, "object", or_null);
  }
  return schema;
}

// Of one value of the field.
Struct SchemaOfValue(const FieldDescriptor& field, Use use) {
  Struct schema;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SchemaOfMessage(field, use);
    case FieldDescriptor::CPPTYPE_BOOL:
      SetType(&schema, "boolean", false);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      SetType(&schema, "integer", false);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      SetType(&schema, "number", false);
      break;
    default:
      // Numbers of 64 bits are written as strings too.
      SetType(&schema, "string", false);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    (*schema.mutable_fields())["minimum"].set_number_value(field.options().GetExtension(v1::least));
  }
  for (int i = 0; i < field.options().ExtensionSize(v1::one_of); ++i) {
    (*schema.mutable_fields())["enum"].mutable_list_value()->add_values()->set_string_value(
        field.options().GetExtension(v1::one_of, i));
  }
  return schema;
}

Struct SchemaOfField(const FieldDescriptor& field, Use use) {
  Struct schema = SchemaOfValue(field, use);
  if (field.is_repeated()) {
    Struct list;
    SetType(&list, "array", false);
    *(*list.mutable_fields())["items"].mutable_struct_value() = std::move(schema);
    schema = std::move(list);
  }
  const std::string& says = field.options().GetExtension(v1::says);
  if (!says.empty()) Set(&schema, "description", says);
  return schema;
}

bool IsAlwaysThere(const FieldDescriptor& field, Use use) {
  if (use == Use::kArguments) return field.options().GetExtension(v1::required);
  return field.real_containing_oneof() == nullptr &&
         (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE || !field.has_presence());
}

// Recursion ends, as no message of ours contains itself.
Struct SchemaOf(const Descriptor& message, Use use) {
  Struct schema;
  SetType(&schema, "object", false);
  Struct& properties = *(*schema.mutable_fields())["properties"].mutable_struct_value();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    *(*properties.mutable_fields())[field.name()].mutable_struct_value() =
        SchemaOfField(field, use);
    if (!IsAlwaysThere(field, use)) continue;
    (*schema.mutable_fields())["required"].mutable_list_value()->add_values()->set_string_value(
        field.name());
  }
  if (use == Use::kArguments) {
    (*schema.mutable_fields())["additionalProperties"].set_bool_value(false);
  }
  return schema;
}

std::string NamesOf(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return absl::StrJoin(names, ", ");
}

}  // namespace

Struct SchemaOfArguments(const Descriptor& message) { return SchemaOf(message, Use::kArguments); }

Struct SchemaOfResult(const Descriptor& message) { return SchemaOf(message, Use::kResult); }

absl::Status ReadArguments(const std::string& json, google::protobuf::Message* arguments) {
  const Descriptor& type = *arguments->GetDescriptor();
  const auto read =
      google::protobuf::util::JsonStringToMessage(json.empty() ? "{}" : json, arguments);
  if (!read.ok()) {
    const std::string words(read.message().data(), read.message().size());
    return absl::InvalidArgumentError(
        absl::StrCat("the arguments don't fit: ", Ellipsize(EscapeControls(words), kFaultBytesMax),
                     "; they are ", NamesOf(type)));
  }
  const google::protobuf::Reflection& reflection = *arguments->GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string text = reflection.GetString(*arguments, &field);
      const absl::Status fine = CheckName(absl::StrCat("`", field.name(), "`"), text);
      if (!fine.ok()) return fine;
      if (!field.options().GetExtension(v1::required) || !text.empty()) continue;
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_UINT32 ||
               reflection.GetUInt32(*arguments, &field) >=
                   field.options().GetExtension(v1::least)) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("`", field.name(), "` is missing or too small: ",
                     absl::AsciiStrToLower(field.options().GetExtension(v1::says).substr(0, 1)),
                     field.options().GetExtension(v1::says).substr(1)));
  }
  return absl::OkStatus();
}

}  // namespace zbroker::agents
