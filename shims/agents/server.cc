#include "shims/agents/server.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

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

void Server::Take(absl::string_view line, BootTime now) {
  const RequestLine read = ReadLine(line);
  if (!read.batch) {
    for (const Request& request : read.requests) Take(request, nullptr, now);
    return;
  }
  if (version_ != "2025-03-26") {
    Fail("null", nullptr, kInvalidRequest, absl::StrCat("revision ", version_, " has no batches"));
    return;
  }
  const auto batch = std::make_shared<Batch>();
  batch->open = static_cast<size_t>(std::ranges::count_if(
      read.requests, [](const Request& request) { return !request.id.empty(); }));
  for (const Request& request : read.requests) Take(request, batch, now);
}

void Server::TakeTooLong() {
  Fail("null", nullptr, kParseError, absl::StrCat("a line of more than ", kLineBytesMax, " bytes"));
}

void Server::Take(const Request& request, std::shared_ptr<Batch> batch, BootTime now) {
  if (request.id.empty()) {
    if (request.method == "notifications/cancelled") Cancel(request.cancelled);
    return;
  }
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
    CallTool(request, batch, now);
  } else {
    Fail(request.id, batch, kMethodNotFound, absl::StrCat("no method ", Quoted(method)));
  }
}

void Server::CallTool(const Request& request, const std::shared_ptr<Batch>& batch, BootTime now) {
  const auto tool = std::ranges::find(AllTools(), request.tool, &Tool::name);
  if (tool == AllTools().end()) {
    return Fail(request.id, batch, kInvalidParams,
                absl::StrCat("no tool \"", Quoted(request.tool), "\""));
  }
  Outcome outcome = tool->call(request.arguments, office_, zone_);
  if (const auto* answer = std::get_if<agents::Answer>(&outcome)) {
    return Reply(request.id, batch, "result", ResultOf(*answer));
  }
  if (calls_.size() >= kWaitingMax) {
    return Reply(request.id, batch, "result",
                 ResultOf({.text = absl::StrCat("zbroker waits for ", kWaitingMax,
                                                " calls of yours already. Let some of them end."),
                           .is_error = true}));
  }
  calls_.push_back({.id = request.id,
                    .batch = batch,
                    .progress_token = request.progress_token,
                    .waiting = std::move(std::get<std::unique_ptr<Waiting>>(outcome)),
                    .began = now,
                    .next_look = now,
                    .next_progress = now});
  Look(now);
}

void Server::Cancel(const std::string& id) {
  // Nobody is told: the client has stopped listening.
  for (const Call& call : calls_) {
    if (call.id == id && call.batch) Settle(call.batch);
  }
  std::erase_if(calls_, [&](const Call& call) { return call.id == id; });
}

void Server::Look(BootTime now) {
  for (auto call = calls_.begin(); call != calls_.end();) {
    if (call->next_look > now) {
      ++call;
      continue;
    }
    const auto answer = call->waiting->Look(office_, now - call->began);
    if (answer) {
      Reply(call->id, call->batch, "result", ResultOf(*answer));
      call = calls_.erase(call);
      continue;
    }
    TellProgress(*call, now);
    call->next_look = std::min(now + kBetweenLooks, call->began + call->waiting->patience());
    if (call->next_look <= now) call->next_look = now + kBetweenLooks;
    ++call;
  }
}

BootTime Server::NextLook() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const Call& call : calls_) next = std::min(next, call.next_look);
  return next;
}

void Server::TellProgress(Call& call, BootTime now) {
  if (call.progress_token.empty()) return;
  if (now < call.next_progress) return;
  call.next_progress = now + kBetweenProgress;
  Struct facts;
  auto& fields = *facts.mutable_fields();
  // It must grow, and time does.
  fields["progress"].set_number_value(absl::ToDoubleSeconds(now - call.began));
  fields["total"].set_number_value(absl::ToDoubleSeconds(call.waiting->patience()));
  Set(&facts, "message", call.waiting->words());
  // The token is the client's own text.
  std::string parameters = ToJson(facts);
  parameters.insert(1, absl::StrCat("\"progressToken\":", call.progress_token, ","));
  absl::StrAppend(&output_,
                  Object({{"jsonrpc", "\"2.0\""},
                          {"method", "\"notifications/progress\""},
                          {"params", parameters}}),
                  "\n");
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

void Server::Reply(const std::string& id, const std::shared_ptr<Batch>& batch,
                   absl::string_view member, absl::string_view json) {
  std::string text = Object({{"jsonrpc", "\"2.0\""}, {"id", id}, {member, json}});
  if (!batch) return absl::StrAppend(&output_, text, "\n");
  batch->answers.push_back(std::move(text));
  Settle(batch);
}

void Server::Fail(const std::string& id, const std::shared_ptr<Batch>& batch, int code,
                  absl::string_view words) {
  Struct error;
  (*error.mutable_fields())["code"].set_number_value(code);
  Set(&error, "message", words);
  Reply(id, batch, "error", ToJson(error));
}

// One of the batch's requests is done with.
void Server::Settle(const std::shared_ptr<Batch>& batch) {
  if (--batch->open > 0 || batch->answers.empty()) return;
  absl::StrAppend(&output_, "[", absl::StrJoin(batch->answers, ","), "]\n");
}

std::string Server::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace zbroker::agents
