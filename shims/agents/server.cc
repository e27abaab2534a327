#include "shims/agents/server.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/text.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "shims/agents/schema.h"

namespace zbroker::agents {
namespace {

using google::protobuf::Struct;

// Of what a client has said, where it is said back.
constexpr size_t kQuotedBytesMax = 80;

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  // It has no way to fail: numbers in our messages are finite, and texts are UTF-8.
  google::protobuf::util::MessageToJsonString(message, &json).ok();
  return json;
}

void Set(Struct* object, const char* name, absl::string_view text) {
  (*object->mutable_fields())[name].set_string_value(std::string(text));
}

Struct* Sub(Struct* object, const char* name) {
  return (*object->mutable_fields())[name].mutable_struct_value();
}

std::string Quoted(const std::string& text) {
  return Ellipsize(EscapeControls(text), kQuotedBytesMax);
}

// An object of members that are JSON already.
std::string Object(const std::vector<std::pair<absl::string_view, absl::string_view>>& members) {
  return absl::StrCat(
      "{",
      absl::StrJoin(
          members, ",",
          absl::PairFormatter(
              [](std::string* out, absl::string_view name) {
                absl::StrAppend(out, "\"", name, "\"");
              },
              ":", [](std::string* out, absl::string_view json) { absl::StrAppend(out, json); })),
      "}");
}

}  // namespace

void Server::Take(absl::string_view line) {
  const RequestLine read = ReadLine(line);
  if (!read.batch) {
    for (const Request& request : read.requests) Take(request, nullptr);
    return;
  }
  if (version_ != "2025-03-26") {
    Fail("null", nullptr, kInvalidRequest, absl::StrCat("revision ", version_, " has no batches"));
    return;
  }
  Batch answers;
  for (const Request& request : read.requests) Take(request, &answers);
  if (!answers.empty()) absl::StrAppend(&output_, "[", absl::StrJoin(answers, ","), "]\n");
}

void Server::TakeTooLong() {
  Fail("null", nullptr, kParseError, absl::StrCat("a line of more than ", kLineBytesMax, " bytes"));
}

void Server::Take(const Request& request, Batch* batch) {
  if (request.id.empty()) return;
  if (request.error != 0) return Fail(request.id, batch, request.error, request.fault);
  const std::string& method = request.method;
  if (method == "initialize") {
    Reply(request.id, batch, "result", Initialize(request));
  } else if (method == "ping") {
    Reply(request.id, batch, "result", "{}");
  } else if (method == "tools/list") {
    // There is one page, so nobody has been given a cursor.
    if (request.has_cursor) return Fail(request.id, batch, kInvalidParams, "no such cursor");
    Reply(request.id, batch, "result", ListTools());
  } else if (method == "tools/call") {
    CallTool(request, batch);
  } else {
    Fail(request.id, batch, kMethodNotFound, absl::StrCat("no method ", Quoted(method)));
  }
}

void Server::CallTool(const Request& request, Batch* batch) {
  const auto tool = std::ranges::find(AllTools(), request.tool, &Tool::name);
  if (tool == AllTools().end()) {
    return Fail(request.id, batch, kInvalidParams,
                absl::StrCat("no tool \"", Quoted(request.tool), "\""));
  }
  Reply(request.id, batch, "result", ResultOf(tool->call(request.arguments, office_, zone_)));
}

std::string Server::Initialize(const Request& request) {
  const auto known = std::ranges::find(kVersions, request.protocol_version);
  // A client that can't do with ours ends the session.
  version_ = std::string(known == std::end(kVersions) ? kVersions[0] : *known);
  Struct result;
  Set(&result, "protocolVersion", version_);
  Sub(Sub(&result, "capabilities"), "tools");
  Struct* const info = Sub(&result, "serverInfo");
  Set(info, "name", "zbroker");
  Set(info, "title", "zbroker");
  Set(info, "version", ZBROKER_VERSION);
  Set(&result, "instructions", kInstructions);
  return ToJson(result);
}

std::string Server::ListTools() const {
  Struct result;
  auto* const list = (*result.mutable_fields())["tools"].mutable_list_value();
  for (const Tool& tool : AllTools()) {
    Struct* const one = list->add_values()->mutable_struct_value();
    Set(one, "name", tool.name);
    Set(one, "title", tool.title);
    Set(one, "description", tool.description);
    *Sub(one, "inputSchema") = SchemaOfArguments(*tool.arguments);
    if (version_ != "2025-03-26") *Sub(one, "outputSchema") = SchemaOfResult(*tool.result);
    Struct* const hints = Sub(one, "annotations");
    Set(hints, "title", tool.title);
    (*hints->mutable_fields())["readOnlyHint"].set_bool_value(true);
    (*hints->mutable_fields())["openWorldHint"].set_bool_value(false);
  }
  return ToJson(result);
}

std::string Server::ResultOf(const agents::Answer& answer) const {
  Struct result;
  Struct* const text = (*result.mutable_fields())["content"]
                           .mutable_list_value()
                           ->add_values()
                           ->mutable_struct_value();
  Set(text, "type", "text");
  Set(text, "text", answer.text);
  (*result.mutable_fields())["isError"].set_bool_value(answer.is_error);
  std::string json = ToJson(result);
  if (!answer.structured.empty() && version_ != "2025-03-26") {
    json.insert(1, absl::StrCat("\"structuredContent\":", answer.structured, ","));
  }
  return json;
}

void Server::Reply(const std::string& id, Batch* batch, absl::string_view member,
                   absl::string_view json) {
  std::string text = Object({{"jsonrpc", "\"2.0\""}, {"id", id}, {member, json}});
  if (batch == nullptr) return absl::StrAppend(&output_, text, "\n");
  batch->push_back(std::move(text));
}

void Server::Fail(const std::string& id, Batch* batch, int code, absl::string_view words) {
  Struct error;
  (*error.mutable_fields())["code"].set_number_value(code);
  Set(&error, "message", words);
  Reply(id, batch, "error", ToJson(error));
}

std::string Server::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace zbroker::agents
