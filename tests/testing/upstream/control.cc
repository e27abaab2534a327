#include "tests/testing/upstream/control.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/upstream/json_reader.h"
#include "tests/testing/upstream/routes.h"
#include "tests/testing/upstream/settings.h"

namespace zbroker::testing {
namespace {

namespace json = boost::json;

json::object RecordToJson(const RequestRecord& record) {
  json::object object = {
      {"id", record.id},        {"path", record.path}, {"started_us", record.started.micros()},
      {"finished_us", nullptr}, {"outcome", nullptr},
  };
  if (record.finished.has_value()) object["finished_us"] = record.finished->micros();
  if (record.outcome.has_value()) object["outcome"] = std::string(OutcomeName(*record.outcome));
  return object;
}

json::object StatsToJson(const ServiceModel& model, bool with_records) {
  const Counters& counters = model.counters();
  json::object stats = {
      {"in_flight", model.in_flight()},  {"max_in_flight", counters.max_in_flight},
      {"requests", counters.requests},   {"ok", counters.ok},
      {"throttled", counters.throttled}, {"faults", counters.faults},
      {"aborted", counters.aborted},
  };
  json::object& by_path = stats["by_path"].emplace_object();
  for (const auto& [path, count] : counters.by_path) by_path[path] = count;
  if (with_records) {
    json::array& records = stats["records"].emplace_array();
    for (const RequestRecord& record : model.records()) records.push_back(RecordToJson(record));
  }
  return stats;
}

ControlReply Success(const json::object& object) { return {200, json::serialize(object)}; }

ControlReply Failure(int status, absl::string_view message) {
  return {status, json::serialize(json::object{{"error", std::string(message)}})};
}

ControlReply Configure(absl::string_view body, ServiceModel& model) {
  const absl::StatusOr<json::value> value = ParseJson(body);
  if (!value.ok()) return Failure(400, value.status().message());
  absl::StatusOr<Settings> settings = ApplySettings(*value, model.settings());
  if (!settings.ok()) return Failure(400, settings.status().message());
  model.Configure(*std::move(settings));
  return Success(SettingsToJson(model.settings()));
}

ControlReply ListRequests(absl::string_view target, const RequestLog& log) {
  const std::string text = QueryParameter(target, "n");
  size_t count = kKeptRequestsMax;
  if (!text.empty() && !absl::SimpleAtoi(text, &count)) {
    return Failure(400, "n must be a whole number");
  }
  return Success(json::object{{"requests", log.Last(count)}});
}

}  // namespace

ControlReply HandleControl(absl::string_view method, absl::string_view target,
                           absl::string_view body, ServiceModel& model, RequestLog& log) {
  const std::string action = absl::StrCat(method, " ", target.substr(0, target.find('?')));
  if (action == "GET /_control/stats") {
    return Success(StatsToJson(model, QueryParameter(target, "records") != "0"));
  }
  if (action == "GET /_control/requests") return ListRequests(target, log);
  if (action == "GET /_control/config") return Success(SettingsToJson(model.settings()));
  if (action == "POST /_control/config") return Configure(body, model);
  if (action == "POST /_control/reset") {
    model.Reset();
    log.Clear();
    return Success(json::object());
  }
  return Failure(404, absl::StrCat(action, " is not a control request"));
}

}  // namespace zbroker::testing
