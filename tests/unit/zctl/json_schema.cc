#include "tests/unit/zctl/json_schema.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/zctl/message_json.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/doctor.pb.h"
#include "zbroker/v1/events.pb.h"
#include "zbroker/v1/explain.pb.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/meter.pb.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::zctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

struct Output {
  const char* command;
  const Descriptor* message;
};

std::vector<Output> Outputs() {
  return {
      {"error", v1::Failure::descriptor()},
      {"status", v1::Status::descriptor()},
      {"leases", v1::LeaseList::descriptor()},
      {"queue", v1::WaiterList::descriptor()},
      {"ledger", v1::LedgerRows::descriptor()},
      {"ledger --by", v1::LedgerGroups::descriptor()},
      {"explain", v1::Explanation::descriptor()},
      {"events", v1::EventPage::descriptor()},
      {"events --follow", v1::Event::descriptor()},
      {"wait", v1::WaitResult::descriptor()},
      {"limit", v1::LimitList::descriptor()},
      {"limit set", v1::SetLimitReply::descriptor()},
      {"limit set --dry-run", v1::LimitPreview::descriptor()},
      {"config", v1::ConfigReport::descriptor()},
      {"config --check", v1::ConfigCheck::descriptor()},
      {"pause", v1::PauseReply::descriptor()},
      {"resume", v1::ResumeReply::descriptor()},
      {"revoke", v1::RevokeLeaseReply::descriptor()},
      {"reload", v1::ReloadReply::descriptor()},
      {"doctor", v1::DoctorReport::descriptor()},
      {"meter", v1::MeterOutcome::descriptor()},
      {"init", v1::InitOutcome::descriptor()},
      {"init --undo", v1::InitUndone::descriptor()},
      {"setup", v1::ToolList::descriptor()},
  };
}

class Writer {
 public:
  std::string Write() {
    std::vector<std::string> definitions;
    for (const Output& one : Outputs()) {
      definitions.push_back(Definition(one.command, *one.message, /*is_answer=*/true));
    }
    // What is found in one may speak of others.
    for (size_t found = 0; found < needed_.size(); ++found) {
      definitions.push_back(
          Definition(needed_[found]->name(), *needed_[found], /*is_answer=*/false));
    }
    return absl::StrCat(
        "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
        "  \"title\": \"What zctl prints with --json, by command\",\n"
        "  \"description\": \"A command's output is in `definitions` by its name; `error` is what "
        "stands in place of one. Fields are only ever added: pass over those that are not "
        "here.\",\n  \"definitions\": {\n",
        absl::StrJoin(definitions, ",\n"), "\n  }\n}\n");
  }

 private:
  std::string Definition(const std::string& name, const Descriptor& message, bool is_answer) {
    std::vector<std::string> required;
    std::vector<std::string> properties;
    const auto add = [&](const std::string& field, const std::string& schema) {
      properties.push_back(absl::StrCat("        \"", field, "\": ", schema));
    };
    if (is_answer && message.FindFieldByName(kJsonSchemaField) == nullptr) {
      required.push_back(absl::StrCat("\"", kJsonSchemaField, "\""));
      add(kJsonSchemaField, absl::StrCat("{\"const\": ", kJsonSchemaVersion, "}"));
    }
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (is_message || !field.has_presence()) {
        required.push_back(absl::StrCat("\"", field.name(), "\""));
      }
      add(field.name(), OfField(field));
    }
    return absl::StrCat("    \"", name, "\": {\n      \"type\": \"object\",\n      \"required\": [",
                        absl::StrJoin(required, ", "), "],\n      \"properties\": {",
                        properties.empty() ? "" : "\n", absl::StrJoin(properties, ",\n"),
                        properties.empty() ? "" : "\n      ", "}\n    }");
  }

  std::string OfField(const FieldDescriptor& field) {
    if (!field.is_repeated()) return OfValue(field, /*may_be_null=*/true);
    return absl::StrCat("{\"type\": \"array\", \"items\": ", OfValue(field, false), "}");
  }

  std::string OfValue(const FieldDescriptor& field, bool may_be_null) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return "{\"type\": \"boolean\"}";
      case FieldDescriptor::CPPTYPE_INT32:
        return "{\"type\": \"integer\"}";
      case FieldDescriptor::CPPTYPE_UINT32:
        return "{\"type\": \"integer\", \"minimum\": 0}";
      case FieldDescriptor::CPPTYPE_INT64:
      case FieldDescriptor::CPPTYPE_UINT64:
        return "{\"type\": \"string\", \"pattern\": \"^-?[0-9]+$\"}";
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return "{\"type\": \"number\"}";
      case FieldDescriptor::CPPTYPE_STRING:
        return "{\"type\": \"string\"}";
      case FieldDescriptor::CPPTYPE_ENUM:
        return OfEnum(*field.enum_type());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return OfMessage(*field.message_type(), may_be_null);
    }
    return "";
  }

  // Others may be added, so the names are examples.
  static std::string OfEnum(const EnumDescriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count(); ++i) {
      names.push_back(absl::StrCat("\"", type.value(i)->name(), "\""));
    }
    return absl::StrCat("{\"type\": \"string\", \"examples\": [", absl::StrJoin(names, ", "), "]}");
  }

  std::string OfMessage(const Descriptor& type, bool may_be_null) {
    const absl::string_view string =
        may_be_null ? "{\"type\": [\"string\", \"null\"]" : "{\"type\": \"string\"";
    if (&type == google::protobuf::Timestamp::descriptor()) {
      return absl::StrCat(string, ", \"format\": \"date-time\"}");
    }
    if (&type == google::protobuf::Duration::descriptor()) {
      return absl::StrCat(string, ", \"pattern\": \"^-?[0-9]+([.][0-9]+)?s$\"}");
    }
    if (&type == google::protobuf::StringValue::descriptor()) return absl::StrCat(string, "}");
    if (seen_.emplace(type.name(), &type).second) needed_.push_back(&type);
    const std::string reference = absl::StrCat("{\"$ref\": \"#/definitions/", type.name(), "\"}");
    if (!may_be_null) return reference;
    return absl::StrCat("{\"anyOf\": [", reference, ", {\"type\": \"null\"}]}");
  }

  std::map<std::string, const Descriptor*> seen_;
  std::vector<const Descriptor*> needed_;
};

}  // namespace

std::string JsonSchemaOfOutputs() { return Writer().Write(); }

}  // namespace zbroker::zctl
