#include "client/zctl/message_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/zctl/exit_code.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/stubs/strutil.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "google/protobuf/wrappers.pb.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::zctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::TimeUtil;

bool NeedsNoEscape(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '<' && c != '>';
  });
}

std::string JsonNumber(double value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  return google::protobuf::SimpleDtoa(value);
}

std::string Enum(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : absl::StrCat("\"", value->name(), "\"");
}

class Printer {
 public:
  Printer(JsonStyle style, size_t depth) : style_(style), depth_(depth) {}

  // With the version of what the fields mean on top.
  void PrintAnswer(const Message& message) {
    const bool says_so = message.GetDescriptor()->FindFieldByName(kJsonSchemaField) != nullptr;
    PrintObject(message, /*versioned=*/!says_so);
  }

  void Print(const Message& message) {
    using google::protobuf::DynamicCastToGenerated;
    if (const auto* time = DynamicCastToGenerated<google::protobuf::Timestamp>(&message)) {
      absl::StrAppend(&out_, "\"", TimeUtil::ToString(*time), "\"");
    } else if (const auto* length = DynamicCastToGenerated<google::protobuf::Duration>(&message)) {
      absl::StrAppend(&out_, "\"", TimeUtil::ToString(*length), "\"");
    } else if (const auto* text = DynamicCastToGenerated<google::protobuf::StringValue>(&message)) {
      absl::StrAppend(&out_, JsonString(text->value()));
    } else {
      PrintObject(message, /*versioned=*/false);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void PrintObject(const Message& message, bool versioned) {
    const auto& type = *message.GetDescriptor();
    bool empty = true;
    Open('{');
    if (versioned) {
      Separate(&empty);
      PrintKey(kJsonSchemaField);
      Append(kJsonSchemaVersion);
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsLeftOut(message, field)) continue;
      Separate(&empty);
      PrintKey(field.name());
      PrintField(message, field);
    }
    Close('}', empty);
  }

  void PrintKey(absl::string_view name) {
    absl::StrAppend(&out_, "\"", name, style_ == JsonStyle::kIndented ? "\": " : "\":");
  }

  // An optional primitive that is absent, or an alternative that a oneof did not take.
  static bool IsLeftOut(const Message& message, const FieldDescriptor& field) {
    const bool choice =
        field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field.real_containing_oneof();
    return choice && field.has_presence() && !message.GetReflection()->HasField(message, &field);
  }

  void PrintField(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      bool empty = true;
      Open('[');
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        Separate(&empty);
        PrintElement(message, field, i);
      }
      Close(']', empty);
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      PrintPrimitive(message, field);
    } else if (reflection.HasField(message, &field)) {
      Print(reflection.GetMessage(message, &field));
    } else {
      absl::StrAppend(&out_, "null");
    }
  }

  void PrintPrimitive(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Append(reflection.GetInt32(message, &field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return Append(reflection.GetUInt32(message, &field));
      case FieldDescriptor::CPPTYPE_INT64:
        return AppendQuoted(reflection.GetInt64(message, &field));
      case FieldDescriptor::CPPTYPE_UINT64:
        return AppendQuoted(reflection.GetUInt64(message, &field));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Append(JsonNumber(reflection.GetDouble(message, &field)));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Append(JsonNumber(reflection.GetFloat(message, &field)));
      case FieldDescriptor::CPPTYPE_BOOL:
        return Append(reflection.GetBool(message, &field) ? "true" : "false");
      case FieldDescriptor::CPPTYPE_ENUM:
        return Append(Enum(field, reflection.GetEnumValue(message, &field)));
      case FieldDescriptor::CPPTYPE_STRING:
        return Append(JsonString(reflection.GetString(message, &field)));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return;
    }
  }

  void PrintElement(const Message& message, const FieldDescriptor& field, int i) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Append(reflection.GetRepeatedInt32(message, &field, i));
      case FieldDescriptor::CPPTYPE_UINT32:
        return Append(reflection.GetRepeatedUInt32(message, &field, i));
      case FieldDescriptor::CPPTYPE_INT64:
        return AppendQuoted(reflection.GetRepeatedInt64(message, &field, i));
      case FieldDescriptor::CPPTYPE_UINT64:
        return AppendQuoted(reflection.GetRepeatedUInt64(message, &field, i));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Append(JsonNumber(reflection.GetRepeatedDouble(message, &field, i)));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Append(JsonNumber(reflection.GetRepeatedFloat(message, &field, i)));
      case FieldDescriptor::CPPTYPE_BOOL:
        return Append(reflection.GetRepeatedBool(message, &field, i) ? "true" : "false");
      case FieldDescriptor::CPPTYPE_ENUM:
        return Append(Enum(field, reflection.GetRepeatedEnumValue(message, &field, i)));
      case FieldDescriptor::CPPTYPE_STRING:
        return Append(JsonString(reflection.GetRepeatedString(message, &field, i)));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Print(reflection.GetRepeatedMessage(message, &field, i));
    }
  }

  template <typename Value>
  void Append(const Value& value) {
    absl::StrAppend(&out_, value);
  }

  // Readers that keep numbers as doubles would round 64 bits.
  template <typename Value>
  void AppendQuoted(Value value) {
    absl::StrAppend(&out_, "\"", value, "\"");
  }

  void Open(char bracket) {
    out_.push_back(bracket);
    ++depth_;
  }
  void Separate(bool* first) {
    absl::StrAppend(&out_, *first ? "" : ",", JsonBreak(style_, depth_));
    *first = false;
  }
  void Close(char bracket, bool empty) {
    --depth_;
    if (!empty) absl::StrAppend(&out_, JsonBreak(style_, depth_));
    out_.push_back(bracket);
  }

  const JsonStyle style_;
  size_t depth_;
  std::string out_;
};

}  // namespace

bool AsksForJson(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc,
                     [](absl::string_view argument) { return argument == "--json"; });
}

std::string JsonString(const std::string& text) {
  // Nearly all strings: names and numbers. A ledger has millions of them.
  if (NeedsNoEscape(text)) return absl::StrCat("\"", text, "\"");
  google::protobuf::StringValue value;
  value.set_value(text);
  std::string json;
  // It has no way to fail: the type is compiled in, and the text came out of a parsed message.
  google::protobuf::util::MessageToJsonString(value, &json);
  return json;
}

std::string JsonBreak(JsonStyle style, size_t depth) {
  if (style == JsonStyle::kOneLine) return "";
  return absl::StrCat("\n", std::string(2 * depth, ' '));
}

std::string ToJson(const Message& message, JsonStyle style, size_t depth) {
  Printer printer(style, depth);
  printer.Print(message);
  return printer.Take();
}

std::string ToAnswer(const Message& message, JsonStyle style) {
  Printer printer(style, 0);
  printer.PrintAnswer(message);
  return printer.Take();
}

std::string ToFailure(const absl::Status& status, int exit_code, JsonStyle style) {
  v1::Failure failure;
  v1::Fault& fault = *failure.mutable_error();
  fault.set_code(absl::StatusCodeToString(status.code()));
  fault.set_message(MessageFor(status));
  fault.set_exit_code(static_cast<uint32_t>(exit_code));
  return ToAnswer(failure, style);
}

}  // namespace zbroker::zctl
