// What gateways that stay leave in the state directory, so that others find them.
#ifndef ZBROKER_CLIENT_BASE_GATEWAY_RECORD_H_
#define ZBROKER_CLIENT_BASE_GATEWAY_RECORD_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/fd.h"

namespace zbroker {

struct GatewayRecord {
  std::string url;       // its base URL, token included: secret
  std::string upstream;  // the base URL that requests go to
  std::string account;   // empty: the default account
  std::string version;   // of the program; empty: one that did not tell it yet
  pid_t pid = 0;
  absl::Time started;
  // What is to be added to this machine's clock to have the upstream's, by its answers; zero: they
  // agree, or nothing is known.
  absl::Duration clock_off;

  // "127.0.0.1:8787"
  std::string address() const;
};

// A record that is there for as long as this is. Move-only.
class GatewayAnnouncement {
 public:
  // Errors: those of PreparePrivateDirectory and ErrnoToStatus.
  static absl::StatusOr<GatewayAnnouncement> Make(const std::string& state_directory,
                                                  const GatewayRecord& record);
  GatewayAnnouncement(GatewayAnnouncement&&) noexcept = default;
  GatewayAnnouncement& operator=(GatewayAnnouncement&&) = delete;
  ~GatewayAnnouncement();

  // Says something else from now on. Errors: those of ErrnoToStatus.
  absl::Status Update(const GatewayRecord& record) const;

 private:
  GatewayAnnouncement(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  Fd lock_;  // held while the gateway runs: what a killed one has left is known by its absence
};

// Of the gateways that run, the one that has run longest first; at most 64. Records of those that
// were killed are removed.
std::vector<GatewayRecord> RunningGateways(const std::string& state_directory);

// Of these, the one that is meant when none is named: on the usual address, else the first.
inline constexpr absl::string_view kUsualGatewayAddress = "127.0.0.1:8787";
std::optional<GatewayRecord> UsualGateway(const std::vector<GatewayRecord>& gateways);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_GATEWAY_RECORD_H_
