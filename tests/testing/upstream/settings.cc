#include "tests/testing/upstream/settings.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/testing/upstream/json_reader.h"

namespace zbroker::testing {
namespace {

namespace json = boost::json;

constexpr int64_t kRetryAfterSMax = 30 * 24 * 60 * 60;

void ReadShape(JsonReader& reader, const char* name, std::optional<ErrorShape>* out) {
  const json::value* value = reader.Read(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    out->reset();
    return;
  }
  std::optional<ErrorShape> shape;
  if (value->is_string()) shape = ParseErrorShape(value->get_string().c_str());
  if (!shape.has_value()) {
    reader.Fail(name, absl::StrCat("null or one of ", ErrorShapeNames()));
    return;
  }
  *out = shape;
}

void ReadRetryAfter(JsonReader& reader, const char* name, int64_t max,
                    std::optional<int64_t>* out) {
  const json::value* value = reader.Read(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    out->reset();
    return;
  }
  int64_t wait = 0;
  reader.ReadInt(name, 0, max, &wait);
  *out = wait;
}

absl::StatusOr<ScriptedAnswer> ReadScriptedAnswer(const json::value& value,
                                                  const std::string& where) {
  if (!value.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(where, " must be an object"));
  }
  ScriptedAnswer answer;
  JsonReader reader(value.get_object(), where);
  reader.ReadMillis("stall_before_headers_ms", &answer.stall_before_headers);
  reader.ReadBool("garbage", &answer.garbage);
  if (reader.Read("body") != nullptr) reader.ReadText("body", &answer.body.emplace());
  reader.ReadText("code", &answer.code);
  reader.ReadText("error_in_200_stream", &answer.error_in_200_stream);
  reader.ReadInt("after_chunks", 0, kChunksMax, &answer.after_chunks);
  reader.ReadBool("reset_mid_stream", &answer.reset_mid_stream);
  reader.ReadText("finish_reason", &answer.finish_reason);
  reader.ReadText("message", &answer.message);
  reader.ReadText("reset", &answer.reset);
  reader.ReadInt("status", 200, 599, &answer.status);
  ReadShape(reader, "shape", &answer.shape);
  ReadRetryAfter(reader, "retry_after_s", kRetryAfterSMax, &answer.retry_after_s);
  ZB_RETURN_IF_ERROR(reader.Finish());
  return answer;
}

absl::StatusOr<std::deque<ScriptedAnswer>> ReadScript(const json::value& value) {
  if (!value.is_array() || value.get_array().size() > kScriptMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("script must be an array of at most ", kScriptMax, " objects"));
  }
  std::deque<ScriptedAnswer> script;
  for (const json::value& item : value.get_array()) {
    ZB_ASSIGN_OR_RETURN(ScriptedAnswer answer,
                        ReadScriptedAnswer(item, absl::StrCat("script[", script.size(), "]")));
    script.push_back(std::move(answer));
  }
  return script;
}

absl::StatusOr<std::map<std::string, std::string>> ReadBodies(const json::value& value) {
  if (!value.is_object() || value.get_object().size() > kBodiesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("bodies must be an object of at most ", kBodiesMax, " paths"));
  }
  std::map<std::string, std::string> bodies;
  for (const json::key_value_pair& member : value.get_object()) {
    bodies[std::string(member.key().data(), member.key().size())] = json::serialize(member.value());
  }
  return bodies;
}

}  // namespace

absl::StatusOr<Settings> ApplySettings(const json::value& json, const Settings& base) {
  if (!json.is_object()) return absl::InvalidArgumentError("config must be an object");
  Settings settings = base;
  JsonReader reader(json.get_object(), "config");
  reader.ReadInt("limit", 0, kLimitMax, &settings.limit);
  reader.ReadMillis("service_ms", &settings.pace.service);
  reader.ReadInt("chunks", 1, kChunksMax, &settings.pace.chunks);
  reader.ReadMillis("chunk_gap_ms", &settings.pace.chunk_gap);
  ReadShape(reader, "throttle_shape", &settings.throttle_shape);
  ReadRetryAfter(reader, "retry_after_s", kRetryAfterSMax, &settings.retry_after_s);
  ReadRetryAfter(reader, "retry_after_ms", kRetryAfterSMax * 1000, &settings.retry_after_ms);
  reader.ReadNumber("throttle_probability", 0, 1, &settings.throttle_probability);
  reader.ReadInt("seed", 0, INT64_MAX, &settings.seed);
  reader.ReadInt("keep_requests", 0, kKeptRequestsMax, &settings.keep_requests);
  const json::value* script = reader.Read("script");
  const json::value* bodies = reader.Read("bodies");
  ZB_RETURN_IF_ERROR(reader.Finish());
  if (script != nullptr) {
    ZB_ASSIGN_OR_RETURN(settings.script, ReadScript(*script));
  }
  if (bodies != nullptr) {
    ZB_ASSIGN_OR_RETURN(settings.bodies, ReadBodies(*bodies));
  }
  return settings;
}

json::object SettingsToJson(const Settings& settings) {
  json::object object = {
      {"limit", settings.limit},
      {"service_ms", absl::ToDoubleMilliseconds(settings.pace.service)},
      {"chunks", settings.pace.chunks},
      {"chunk_gap_ms", absl::ToDoubleMilliseconds(settings.pace.chunk_gap)},
      {"throttle_shape", nullptr},
      {"retry_after_s", nullptr},
      {"retry_after_ms", nullptr},
      {"throttle_probability", settings.throttle_probability},
      {"seed", settings.seed},
      {"keep_requests", settings.keep_requests},
      {"script_left", settings.script.size()},
  };
  if (settings.throttle_shape.has_value()) {
    object["throttle_shape"] = std::string(ErrorShapeName(*settings.throttle_shape));
  }
  if (settings.retry_after_s.has_value()) object["retry_after_s"] = *settings.retry_after_s;
  if (settings.retry_after_ms.has_value()) object["retry_after_ms"] = *settings.retry_after_ms;
  json::object& bodies = object["bodies"].emplace_object();
  for (const auto& [path, body] : settings.bodies) {
    bodies[path] = ParseJson(body).value_or(json::value());
  }
  return object;
}

}  // namespace zbroker::testing
