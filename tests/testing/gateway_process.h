// A real gateway in front of an upstream, with a daemon of the test's.
#ifndef ZBROKER_TESTS_TESTING_GATEWAY_PROCESS_H_
#define ZBROKER_TESTS_TESTING_GATEWAY_PROCESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/testing/daemon_process.h"
#include "tests/testing/process.h"

namespace zbroker::testing {

class GatewayProcess {
 public:
  // Serves when this returns. `flags` are those of zlease-gateway besides --listen and --upstream.
  GatewayProcess(const DaemonProcess& daemon, const std::string& upstream,
                 const std::vector<std::string>& flags = {},
                 const EnvironmentVariables& extra = {});

  uint16_t port() const { return port_; }
  // "/TOKEN", which paths begin with.
  const std::string& path() const { return path_; }
  Process& process() { return process_; }

 private:
  Process process_;
  uint16_t port_ = 0;
  std::string path_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_GATEWAY_PROCESS_H_
