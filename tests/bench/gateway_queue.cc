// Memory with a thousand requests in the gateway's queue.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/gateway.h"
#include "tests/bench/http.h"

namespace zbroker::bench {
namespace {

constexpr int kRequests = 1000;
// The first turn of a coding agent.
constexpr size_t kBodyBytes = 76'000;
constexpr char kConfig[] = "[account.default.slots]\nlimit = 3\n";

std::string LargePrompt(int number) {
  return absl::StrCat(
      R"({"model":"glm-4.7","max_tokens":10,"messages":[{"role":"user","content":")", number, " ",
      std::string(kBodyBytes, 'x'), R"("}]})");
}

absl::Status Zctl(const Settings& settings, const Daemon& daemon, const std::string& what) {
  return Time({.arguments = {settings.Binary("zctl"), what}, .environment = daemon.environment()})
      .status();
}

void AddMemory(const std::string& whose, const MemoryUse& before, const MemoryUse& after,
               Report& report) {
  report.Add({.what = absl::StrCat(whose, ", 1,000 queued × 76 kB, RSS"),
              .unit = Unit::kMegabytes,
              .measured = after.resident_mb,
              .reference_what = "idle",
              .reference = before.resident_mb});
}

}  // namespace

absl::Status MeasureGatewayQueue(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const FakeUpstream upstream,
                      StartFakeUpstream(settings, {"--service", "0s", "--limit", "3"}));
  ZB_ASSIGN_OR_RETURN(const GatewaySetup gateway,
                      GatewaySetup::Start(settings, "gateway_queue", kConfig, upstream.port));
  ZB_ASSIGN_OR_RETURN(const MemoryUse gateway_idle, ReadMemoryUse(gateway.gateway_pid()));
  ZB_ASSIGN_OR_RETURN(const MemoryUse daemon_idle, ReadMemoryUse(gateway.daemon().pid()));
  ZB_RETURN_IF_ERROR(Zctl(settings, gateway.daemon(), "pause"));
  std::vector<std::unique_ptr<HttpConnection>> clients;
  for (int i = 0; i < kRequests; ++i) {
    ZB_ASSIGN_OR_RETURN(auto client, HttpConnection::Connect(gateway.url().port));
    ZB_RETURN_IF_ERROR(client->Post(gateway.url().path + kMessages, LargePrompt(i)));
    clients.push_back(std::move(client));
  }
  ZB_RETURN_IF_ERROR(gateway.AwaitWaiting(kRequests));
  ZB_ASSIGN_OR_RETURN(const MemoryUse gateway_full, ReadMemoryUse(gateway.gateway_pid()));
  ZB_ASSIGN_OR_RETURN(const MemoryUse daemon_full, ReadMemoryUse(gateway.daemon().pid()));
  ZB_RETURN_IF_ERROR(Zctl(settings, gateway.daemon(), "resume"));
  for (const auto& client : clients) ZB_RETURN_IF_ERROR(client->ReadAnswer());
  AddMemory("gateway", gateway_idle, gateway_full, report);
  AddMemory("daemon", daemon_idle, daemon_full, report);
  return absl::OkStatus();
}

}  // namespace zbroker::bench
