// fake_upstream: the provider on loopback, for tests. `--help` lists the options; control.h says
// what can be asked and set while it runs.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/log.h"
#include "client/base/status.h"
#include "tests/testing/upstream/server.h"
#include "tests/testing/upstream/settings.h"

namespace zbroker::testing {
namespace {

// The command line as it was given.
struct Options {
  uint16_t port = 0;
  std::string service = "1s";
  std::string chunk_gap = "0s";
  std::string throttle_shape;
  int64_t retry_after_s = -1;
  bool die_with_parent = false;
  Settings settings;  // those that need no translation
};

void Declare(CLI::App& app, Options& options) {
  Settings& settings = options.settings;
  app.add_option("--port", options.port, "port on 127.0.0.1; 0: any free one");
  app.add_option("--limit", settings.limit, "requests served at once")
      ->check(CLI::Range(int64_t{0}, kLimitMax));
  app.add_option("--service", options.service, "time to the first byte, such as 250ms");
  app.add_option("--chunks", settings.pace.chunks, "chunks of a stream")
      ->check(CLI::Range(int64_t{1}, kChunksMax));
  app.add_option("--chunk-gap", options.chunk_gap, "time before each chunk");
  app.add_option("--throttle-shape", options.throttle_shape,
                 absl::StrCat("of errors: ", ErrorShapeNames()));
  app.add_option("--retry-after", options.retry_after_s,
                 "seconds in retry-after, on Anthropic paths")
      ->check(CLI::Range(int64_t{0}, int64_t{30 * 24 * 60 * 60}));
  app.add_option("--throttle-probability", settings.throttle_probability,
                 "of a 1302 below the limit")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--seed", settings.seed, "of --throttle-probability")
      ->check(CLI::Range(int64_t{0}, INT64_MAX));
  app.add_option("--keep-requests", settings.keep_requests, "requests kept for /_control/requests")
      ->check(CLI::Range(int64_t{0}, kKeptRequestsMax));
  app.add_flag("--die-with-parent", options.die_with_parent, "end when the parent process ends");
}

absl::StatusOr<Settings> ToSettings(const Options& options) {
  Settings settings = options.settings;
  ZB_ASSIGN_OR_RETURN(settings.pace.service, ParseDuration(options.service));
  ZB_ASSIGN_OR_RETURN(settings.pace.chunk_gap, ParseDuration(options.chunk_gap));
  if (options.retry_after_s >= 0) settings.retry_after_s = options.retry_after_s;
  if (!options.throttle_shape.empty()) {
    settings.throttle_shape = ParseErrorShape(options.throttle_shape);
    if (!settings.throttle_shape.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("--throttle-shape ", options.throttle_shape,
                                                     ": must be one of ", ErrorShapeNames()));
    }
  }
  return settings;
}

absl::Status DieWithParent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return ErrnoToStatus(errno, "PR_SET_PDEATHSIG");
  // The parent may have ended before the request was made.
  if (getppid() != parent) return absl::CancelledError("the parent process has ended");
  return absl::OkStatus();
}

// The usual soft limit is below kConnectionsMax.
void AllowManyDescriptors() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::Status Run(const Options& options, pid_t parent) {
  if (options.die_with_parent) ZB_RETURN_IF_ERROR(DieWithParent(parent));
  ZB_ASSIGN_OR_RETURN(Settings settings, ToSettings(options));
  AllowManyDescriptors();
  return RunServer(options.port, std::move(settings), [](uint16_t port) {
    std::printf("listening on http://127.0.0.1:%u\n", unsigned{port});
    std::fflush(stdout);
  });
}

}  // namespace
}  // namespace zbroker::testing

int main(int argc, char** argv) {
  const pid_t parent = getppid();
  CLI::App app("The provider on loopback, for tests");
  zbroker::testing::Options options;
  zbroker::testing::Declare(app, options);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = zbroker::testing::Run(options, parent);
  if (status.ok()) return EXIT_SUCCESS;
  zbroker::LogError("fake_upstream: ", status.message());
  return EXIT_FAILURE;
}
