#include "tests/bench/gateway.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(10);

// As its manual has it for an HTTP service whose server takes three requests at once.
std::string HaProxyConfig(uint16_t port, uint16_t upstream_port) {
  return absl::StrCat(
      "global\n  maxconn 4096\n  nbthread 1\n"
      "defaults\n  mode http\n  timeout connect 5s\n  timeout client 600s\n  timeout server 600s\n"
      "  timeout queue 600s\n"
      "frontend in\n  bind 127.0.0.1:",
      port,
      "\n  default_backend out\n"
      "backend out\n  server upstream 127.0.0.1:",
      upstream_port, " maxconn 3\n");
}

std::string FindHaProxy() {
  for (const char* path : {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"}) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
  }
  return "";
}

// Until somebody accepts there.
absl::Status AwaitListener(uint16_t port) {
  absl::Status status;
  for (const Instant begin = ReadClock(); Between(begin, ReadClock()) < kStartTime;) {
    status = HttpConnection::Connect(port).status();
    if (status.ok()) return status;
  }
  return status;
}

}  // namespace

std::string SmallPrompt() {
  return R"({"model":"glm-4.7","max_tokens":10,"messages":[{"role":"user","content":"hi"}]})";
}

std::string SmallCall() {
  return R"({"model":"glm-4.7","max_tokens":10,"messages":[{"role":"user","content":)"
         R"([{"type":"tool_result","tool_use_id":"t","content":"hi"}]}]})";
}

absl::StatusOr<GatewaySetup> GatewaySetup::Start(const Settings& settings, const std::string& name,
                                                 absl::string_view config, uint16_t upstream_port) {
  ZB_ASSIGN_OR_RETURN(Daemon daemon, Daemon::Start(settings, name, config));
  ZB_ASSIGN_OR_RETURN(
      Child gateway,
      Child::Start({.arguments = {settings.Binary("zlease-gateway"), "--listen", "127.0.0.1:0",
                                  "--ephemeral", "--quiet", "--session", "bench", "--upstream",
                                  absl::StrCat("http://127.0.0.1:", upstream_port)},
                    .environment = daemon.environment()}));
  ZB_ASSIGN_OR_RETURN(const std::string line, gateway.ReadLine(kStartTime));
  ZB_ASSIGN_OR_RETURN(HttpUrl url, HttpUrl::Parse(line));
  return GatewaySetup(std::move(daemon), std::move(gateway), std::move(url));
}

absl::Status GatewaySetup::AwaitWaiting(uint32_t count) const {
  ZB_ASSIGN_OR_RETURN(
      const auto client,
      broker::ControlClient::Connect({.socket_path = daemon_.socket(), .start_daemon = false}));
  uint32_t waiting = 0;
  for (const Instant begin = ReadClock(); Between(begin, ReadClock()) < kStartTime;) {
    ZB_ASSIGN_OR_RETURN(const v1::Status status, client->GetStatus(""));
    waiting = status.accounts(0).slots().waiting();
    if (waiting == count) return absl::OkStatus();
  }
  return absl::DeadlineExceededError(absl::StrCat(waiting, " of ", count, " requests wait"));
}

absl::StatusOr<FakeUpstream> StartFakeUpstream(const Settings& settings,
                                               std::vector<std::string> flags) {
  std::vector<std::string> arguments = {settings.Binary("fake_upstream"), "--port", "0"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  ZB_ASSIGN_OR_RETURN(Child child, Child::Start({.arguments = std::move(arguments)}));
  ZB_ASSIGN_OR_RETURN(const std::string line, child.ReadLine(kStartTime));
  ZB_ASSIGN_OR_RETURN(const HttpUrl url, HttpUrl::Parse(absl::StripPrefix(line, "listening on ")));
  return FakeUpstream{std::move(child), url.port};
}

absl::StatusOr<std::optional<HaProxy>> StartHaProxy(const Settings& settings,
                                                    uint16_t upstream_port) {
  const std::string program = FindHaProxy();
  if (program.empty()) return std::nullopt;
  const uint16_t port = FreePort();
  const std::string config = settings.Path("haproxy.cfg");
  std::ofstream(config) << HaProxyConfig(port, upstream_port);
  ZB_ASSIGN_OR_RETURN(Child child, Child::Start({.arguments = {program, "-db", "-f", config}}));
  ZB_RETURN_IF_ERROR(AwaitListener(port));
  return HaProxy{std::move(child), port};
}

}  // namespace zbroker::bench
