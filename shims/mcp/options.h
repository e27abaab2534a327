// What a relay needs to be told.
#ifndef ZBROKER_SHIMS_MCP_OPTIONS_H_
#define ZBROKER_SHIMS_MCP_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "shims/flags/lease.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::mcp {

struct Options {
  // What Acquires have unless their call says otherwise. Kind unspecified: as the server is.
  v1::Acquire request;
  std::optional<absl::Duration> timeout;  // waiting for a lease
  absl::Duration broker_timeout = absl::Seconds(30);
  flags::IfUnavailable if_unavailable = flags::IfUnavailable::kWait;
  std::vector<std::string> tools;  // globs; empty: as the configuration says
  bool quiet = false;
  std::vector<std::string> command;  // never empty
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_OPTIONS_H_
