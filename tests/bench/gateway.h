// A gateway with all that it needs, and what it is compared with.
#ifndef ZBROKER_TESTS_BENCH_GATEWAY_H_
#define ZBROKER_TESTS_BENCH_GATEWAY_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/bench/daemon.h"
#include "tests/bench/http.h"
#include "tests/bench/process.h"
#include "tests/bench/settings.h"

namespace zbroker::bench {

// The path of model requests, of the upstream and below a gateway's base URL.
inline constexpr char kMessages[] = "/api/anthropic/v1/messages";
// A small model request; one that a person's query started, or one that a program made of its own.
std::string SmallPrompt();
std::string SmallCall();

// A daemon, and a gateway in front of an upstream. Move-only.
class GatewaySetup {
 public:
  // `name` is of the state directory; `config` is TOML for the daemon.
  static absl::StatusOr<GatewaySetup> Start(const Settings& settings, const std::string& name,
                                            absl::string_view config, uint16_t upstream_port);

  const Daemon& daemon() const { return daemon_; }
  // Returns when so many requests wait in the daemon's queue.
  absl::Status AwaitWaiting(uint32_t count) const;

  pid_t gateway_pid() const { return gateway_.pid(); }
  const HttpUrl& url() const { return url_; }

 private:
  GatewaySetup(Daemon daemon, Child gateway, HttpUrl url)
      : daemon_(std::move(daemon)), gateway_(std::move(gateway)), url_(std::move(url)) {}

  Daemon daemon_;
  Child gateway_;
  HttpUrl url_;
};

// The fake upstream, and its port.
struct FakeUpstream {
  Child child;
  uint16_t port = 0;
};
absl::StatusOr<FakeUpstream> StartFakeUpstream(const Settings& settings,
                                               std::vector<std::string> flags);

// HAProxy with a queue before the upstream, the usual way to bound what runs at once. Empty when
// there is no haproxy on this machine.
struct HaProxy {
  Child child;
  uint16_t port = 0;
};
absl::StatusOr<std::optional<HaProxy>> StartHaProxy(const Settings& settings,
                                                    uint16_t upstream_port);

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_GATEWAY_H_
