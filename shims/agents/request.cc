#include "shims/agents/request.h"

#include <simdjson.h>

#include <optional>
#include <utility>

namespace zbroker::agents {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

std::optional<element> Member(const object& parent, std::string_view name) {
  element value;
  if (parent.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<object> ObjectIn(const object& parent, std::string_view name) {
  const auto value = Member(parent, name);
  object found;
  if (!value || value->get_object().get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

std::optional<std::string> TextIn(const object& parent, std::string_view name) {
  const auto value = Member(parent, name);
  std::string_view text;
  if (!value || value->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

// Of a string or a number, as JSON.
std::string NameIn(const object& parent, std::string_view name) {
  const auto value = Member(parent, name);
  if (!value) return "";
  switch (value->type()) {
    case element_type::STRING:
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return simdjson::minify(*value);
    default:
      return "";
  }
}

Request Faulty(std::string id, int error, std::string fault) {
  Request request;
  request.id = id.empty() ? "null" : std::move(id);
  request.error = error;
  request.fault = std::move(fault);
  return request;
}

void ReadParameters(const object& parameters, Request& request) {
  request.protocol_version = TextIn(parameters, "protocolVersion").value_or("");
  request.tool = TextIn(parameters, "name").value_or("");
  if (const auto meta = ObjectIn(parameters, "_meta")) {
    request.progress_token = NameIn(*meta, "progressToken");
  }
  request.cancelled = NameIn(parameters, "requestId");
  request.has_cursor = Member(parameters, "cursor").has_value();
  const auto arguments = Member(parameters, "arguments");
  if (arguments && !arguments->is_null()) {
    if (!arguments->is_object()) {
      request.error = kInvalidParams;
      request.fault = "`arguments` is not an object";
      return;
    }
    request.arguments = simdjson::minify(*arguments);
  }
}

Request ReadRequest(const element& value) {
  object message;
  if (value.get_object().get(message) != simdjson::SUCCESS) {
    return Faulty("", kInvalidRequest, "a message is an object");
  }
  std::string id = NameIn(message, "id");
  const auto method = TextIn(message, "method");
  if (TextIn(message, "jsonrpc") != "2.0") {
    return Faulty(std::move(id), kInvalidRequest, "`jsonrpc` is not \"2.0\"");
  }
  if (!method && !id.empty() && (Member(message, "result") || Member(message, "error"))) return {};
  if (!method || method->empty()) {
    return Faulty(std::move(id), kInvalidRequest, "there is no `method`");
  }
  if (Member(message, "id") && id.empty()) {
    return Faulty("", kInvalidRequest, "`id` is neither a string nor a number");
  }
  Request request;
  request.id = std::move(id);
  request.method = *method;
  const auto parameters = Member(message, "params");
  if (!parameters || parameters->is_null()) return request;
  if (const auto members = ObjectIn(message, "params")) {
    ReadParameters(*members, request);
  } else {
    request.error = kInvalidParams;
    request.fault = "`params` is not an object";
  }
  return request;
}

}  // namespace

RequestLine ReadLine(absl::string_view line) {
  RequestLine read;
  if (line.find_first_not_of(" \t\r\n") == absl::string_view::npos) return read;
  simdjson::dom::parser parser;
  element document;
  const auto error = parser.parse(line.data(), line.size(), true).get(document);
  if (error != simdjson::SUCCESS) {
    read.requests.push_back(
        Faulty("", kParseError, std::string("not JSON: ") + simdjson::error_message(error)));
    return read;
  }
  simdjson::dom::array batch;
  if (document.get_array().get(batch) != simdjson::SUCCESS) {
    read.requests.push_back(ReadRequest(document));
    return read;
  }
  read.batch = batch.size() > 0;
  if (!read.batch) read.requests.push_back(Faulty("", kInvalidRequest, "an empty batch"));
  for (const element one : batch) read.requests.push_back(ReadRequest(one));
  return read;
}

}  // namespace zbroker::agents
