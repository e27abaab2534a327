#include "tests/testing/upstream/messages.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/testing/upstream/json_reader.h"

namespace zbroker::testing {
namespace {

namespace json = boost::json;

constexpr const char* kModels[] = {"glm-5.3", "glm-5.3-flash", "glm-5-turbo", "glm-4.7",
                                   "glm-4.7-flash"};

bool IsAnthropic(const Exchange& exchange) { return exchange.protocol == Protocol::kAnthropic; }

std::string FinishReason(const Exchange& exchange) {
  if (!exchange.finish_reason.empty()) return exchange.finish_reason;
  return IsAnthropic(exchange) ? "end_turn" : "stop";
}

std::string ChunkText(int64_t index) { return absl::StrCat("word", index, " "); }

std::string WholeText(const Exchange& exchange) {
  std::string text;
  for (int64_t i = 0; i < exchange.output_tokens; ++i) text += ChunkText(i);
  return text;
}

std::string Event(const json::object& data) {
  const json::value& type = data.at("type");
  return absl::StrCat("event: ", type.get_string().c_str(), "\ndata: ", json::serialize(data),
                      "\n\n");
}

json::object AnthropicUsage(size_t input_tokens, int64_t output_tokens) {
  return json::object{{"input_tokens", input_tokens},
                      {"output_tokens", output_tokens},
                      {"cache_read_input_tokens", 0}};
}

json::object AnthropicMessage(const Exchange& exchange) {
  return json::object{
      {"id", absl::StrCat("msg_", exchange.request_id)},
      {"type", "message"},
      {"role", "assistant"},
      {"model", exchange.model},
      {"content", json::array()},
      {"stop_reason", nullptr},
      {"stop_sequence", nullptr},
      {"usage", AnthropicUsage(0, 0)},
  };
}

std::string AnthropicOpening(const Exchange& exchange) {
  const json::object block = {{"type", "text"}, {"text", ""}};
  return absl::StrCat(
      Event(json::object{{"type", "message_start"}, {"message", AnthropicMessage(exchange)}}),
      Event(json::object{{"type", "ping"}}),
      Event(json::object{{"type", "content_block_start"}, {"index", 0}, {"content_block", block}}));
}

std::string AnthropicClosing(const Exchange& exchange) {
  const json::object delta = {{"stop_reason", FinishReason(exchange)}, {"stop_sequence", nullptr}};
  return absl::StrCat(
      Event(json::object{{"type", "content_block_stop"}, {"index", 0}}),
      Event(json::object{{"type", "message_delta"},
                         {"delta", delta},
                         {"usage", AnthropicUsage(exchange.input_tokens, exchange.output_tokens)}}),
      Event(json::object{{"type", "message_stop"}}));
}

json::object OpenAiUsage(const Exchange& exchange) {
  return json::object{
      {"prompt_tokens", exchange.input_tokens},
      {"completion_tokens", exchange.output_tokens},
      {"total_tokens", static_cast<int64_t>(exchange.input_tokens) + exchange.output_tokens},
      {"prompt_tokens_details", json::object{{"cached_tokens", 0}}},
  };
}

json::object OpenAiCompletion(const Exchange& exchange, const char* kind, json::object choice) {
  choice["index"] = 0;
  return json::object{
      {"id", exchange.request_id},
      {"request_id", exchange.request_id},
      {"object", kind},
      {"created", exchange.created_s},
      {"model", exchange.model},
      {"choices", json::array{std::move(choice)}},
  };
}

std::string OpenAiEvent(const Exchange& exchange, json::object delta) {
  return absl::StrCat(
      "data: ",
      json::serialize(OpenAiCompletion(exchange, "chat.completion.chunk",
                                       {{"delta", std::move(delta)}, {"finish_reason", nullptr}})),
      "\n\n");
}

std::string OpenAiClosing(const Exchange& exchange) {
  json::object last =
      OpenAiCompletion(exchange, "chat.completion.chunk",
                       {{"delta", json::object{{"role", "assistant"}, {"content", ""}}},
                        {"finish_reason", FinishReason(exchange)}});
  last["usage"] = OpenAiUsage(exchange);
  return absl::StrCat("data: ", json::serialize(last), "\n\ndata: [DONE]\n\n");
}

}  // namespace

absl::StatusOr<Exchange> ReadExchange(Protocol protocol, absl::string_view body) {
  Exchange exchange;
  exchange.protocol = protocol;
  exchange.input_tokens = CountTokens(body);
  if (protocol == Protocol::kPlain) return exchange;
  ZB_ASSIGN_OR_RETURN(const json::value value, ParseJson(body));
  if (!value.is_object()) return absl::InvalidArgumentError("the body must be an object");
  JsonReader reader(value.get_object(), "body");
  reader.ReadText("model", &exchange.model);
  reader.ReadBool("stream", &exchange.stream);
  const json::value* messages = reader.Read("messages");
  if (messages == nullptr || !messages->is_array() || messages->get_array().empty()) {
    reader.Fail("messages", "an array that is not empty");
  }
  ZB_RETURN_IF_ERROR(reader.mistake());
  return exchange;
}

std::string WholeAnswer(const Exchange& exchange) {
  if (exchange.protocol == Protocol::kPlain) return "ok\n";
  const std::string text = WholeText(exchange);
  if (IsAnthropic(exchange)) {
    json::object message = AnthropicMessage(exchange);
    message["content"] = json::array{json::object{{"type", "text"}, {"text", text}}};
    message["stop_reason"] = FinishReason(exchange);
    message["usage"] = AnthropicUsage(exchange.input_tokens, exchange.output_tokens);
    return json::serialize(message);
  }
  json::object completion =
      OpenAiCompletion(exchange, "chat.completion",
                       {{"message", json::object{{"role", "assistant"}, {"content", text}}},
                        {"finish_reason", FinishReason(exchange)}});
  completion["usage"] = OpenAiUsage(exchange);
  return json::serialize(completion);
}

absl::string_view WholeAnswerType(Protocol protocol) {
  return protocol == Protocol::kPlain ? "text/plain" : "application/json";
}

std::string StreamOpening(const Exchange& exchange) {
  if (IsAnthropic(exchange)) return AnthropicOpening(exchange);
  return OpenAiEvent(exchange, {{"role", "assistant"}, {"content", ""}});
}

std::string StreamChunk(const Exchange& exchange, int64_t index) {
  const std::string text = ChunkText(index);
  if (!IsAnthropic(exchange)) {
    return OpenAiEvent(exchange, {{"role", "assistant"}, {"content", text}});
  }
  const json::object delta = {{"type", "text_delta"}, {"text", text}};
  return Event(json::object{{"type", "content_block_delta"}, {"index", 0}, {"delta", delta}});
}

std::string StreamClosing(const Exchange& exchange) {
  return IsAnthropic(exchange) ? AnthropicClosing(exchange) : OpenAiClosing(exchange);
}

std::string StreamError(const Exchange& exchange, const ProviderError& error) {
  if (IsAnthropic(exchange)) {
    return absl::StrCat("event: error\ndata: ", ErrorBody(error, ErrorShape::kOpenAiRequestId),
                        "\n\n");
  }
  return absl::StrCat("data: ", ErrorBody(error, ErrorShape::kOpenAi), "\n\ndata: [DONE]\n\n");
}

size_t CountTokens(absl::string_view body) { return body.size() / 4; }

std::string CountTokensAnswer(absl::string_view body) {
  return json::serialize(json::object{{"input_tokens", CountTokens(body)}});
}

std::string ModelsAnswer(Protocol protocol) {
  json::array models;
  for (const char* model : kModels) {
    if (protocol == Protocol::kAnthropic) {
      models.push_back(json::object{{"type", "model"},
                                    {"id", model},
                                    {"display_name", model},
                                    {"created_at", "2026-07-30T00:00:00Z"}});
    } else {
      models.push_back(json::object{
          {"id", model}, {"object", "model"}, {"created", 1785369600}, {"owned_by", "z-ai"}});
    }
  }
  json::object list = {{"data", std::move(models)}};
  if (protocol == Protocol::kAnthropic) {
    list["has_more"] = false;
  } else {
    list["object"] = "list";
  }
  return json::serialize(list);
}

}  // namespace zbroker::testing
