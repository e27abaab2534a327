// What the gateway adds to a small request.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/gateway.h"
#include "tests/bench/http.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {
namespace {

constexpr int kPerRound = 50;
constexpr char kConfig[] = "[account.default.slots]\nlimit = 3\n";

// One way to the upstream.
struct Way {
  std::string what;
  std::string path;
  std::string body;
  std::unique_ptr<HttpConnection> connection;
  Samples samples;

  absl::Status Take(int count) {
    for (int i = 0; i < count; ++i) {
      const Instant begin = ReadClock();
      ZB_RETURN_IF_ERROR(connection->Post(path, body));
      ZB_RETURN_IF_ERROR(connection->ReadAnswer());
      samples.Add(Between(begin, ReadClock()));
    }
    return absl::OkStatus();
  }
};

void AddDifference(const Way& way, const Way& direct, int percent, std::optional<double> bound,
                   const std::string& words, Report& report) {
  Row row{.what = absl::StrCat(way.what, " over direct, p", percent),
          .unit = Unit::kMicroseconds,
          .measured = In(Unit::kMicroseconds,
                         way.samples.Percentile(percent) - direct.samples.Percentile(percent)),
          .reference_what = "direct call",
          .reference = In(Unit::kMicroseconds, direct.samples.Percentile(percent))};
  if (bound.has_value()) row.figure = Figure{.bound = *bound, .words = words};
  report.Add(std::move(row));
}

}  // namespace

absl::Status MeasureGatewayRequest(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const FakeUpstream upstream,
                      StartFakeUpstream(settings, {"--service", "0s", "--limit", "100"}));
  ZB_ASSIGN_OR_RETURN(const GatewaySetup gateway,
                      GatewaySetup::Start(settings, "gateway_request", kConfig, upstream.port));
  ZB_ASSIGN_OR_RETURN(const std::optional<HaProxy> haproxy, StartHaProxy(settings, upstream.port));
  std::vector<Way> ways;
  const auto add = [&](const std::string& what, uint16_t port, const std::string& path,
                       std::string body) -> absl::Status {
    ZB_ASSIGN_OR_RETURN(auto connection, HttpConnection::Connect(port));
    ways.push_back({what, path, std::move(body), std::move(connection), {}});
    return absl::OkStatus();
  };
  const uint16_t port = gateway.url().port;
  const std::string path = gateway.url().path + kMessages;
  ZB_RETURN_IF_ERROR(add("direct call", upstream.port, kMessages, SmallCall()));
  ZB_RETURN_IF_ERROR(add("gateway, a call", port, path, SmallCall()));
  ZB_RETURN_IF_ERROR(add("gateway, a prompt (fsynced)", port, path, SmallPrompt()));
  if (haproxy) ZB_RETURN_IF_ERROR(add("HAProxy", haproxy->port, kMessages, SmallCall()));
  for (int round = 0; round <= settings.rounds; ++round) {
    for (Way& way : ways) ZB_RETURN_IF_ERROR(way.Take(kPerRound));
    if (round == 0) {
      for (Way& way : ways) way.samples.Clear();  // connections and caches are warm from here on
    }
  }
  report.AddPercentiles({.what = ways[0].what, .samples = ways[0].samples});
  for (size_t i = 1; i < ways.size(); ++i) {
    const bool ours = i < 3;
    AddDifference(ways[i], ways[0], 50, ours ? std::optional(300.0) : std::nullopt, "≤ 0.3 ms",
                  report);
    AddDifference(ways[i], ways[0], 99, ours ? std::optional(1000.0) : std::nullopt, "≤ 1 ms",
                  report);
  }
  return absl::OkStatus();
}

}  // namespace zbroker::bench
