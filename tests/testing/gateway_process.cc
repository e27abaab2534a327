#include "tests/testing/gateway_process.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/match.h"

namespace zbroker::testing {
namespace {

constexpr char kOrigin[] = "http://127.0.0.1:";

std::vector<std::string> Command(const std::string& upstream,
                                 const std::vector<std::string>& flags) {
  std::vector<std::string> argv = {Program("zlease-gateway"), "--listen", "127.0.0.1:0",
                                   "--upstream", upstream};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return argv;
}

EnvironmentVariables Both(EnvironmentVariables all, const EnvironmentVariables& extra) {
  all.insert(all.end(), extra.begin(), extra.end());
  return all;
}

}  // namespace

GatewayProcess::GatewayProcess(const DaemonProcess& daemon, const std::string& upstream,
                               const std::vector<std::string>& flags,
                               const EnvironmentVariables& extra)
    : process_(Process::Start(Command(upstream, flags), Both(daemon.Environment(), extra))) {
  EXPECT_TRUE(WaitUntil(
      [&] { return !process_.Running() || process_.Out().find('\n') != std::string::npos; }));
  const std::string line = process_.Out().substr(0, process_.Out().find('\n'));
  const size_t slash = line.find('/', sizeof kOrigin);
  if (!absl::StartsWith(line, kOrigin) || slash == std::string::npos) {
    ADD_FAILURE() << "no gateway: " << line << process_.Err();
    return;
  }
  port_ = static_cast<uint16_t>(atoi(line.c_str() + sizeof kOrigin - 1));
  path_ = line.substr(slash);
}

}  // namespace zbroker::testing
