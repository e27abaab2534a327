// Looking at a daemon and changing its mind: the Ledger and Admin services as blocking calls.
#ifndef ZBROKER_CLIENT_BROKER_CONTROL_CLIENT_H_
#define ZBROKER_CLIENT_BROKER_CONTROL_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/events.pb.h"
#include "zbroker/v1/explain.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::broker {

// Thread-safe. Every call may fail with UNAVAILABLE when the daemon ends, and DEADLINE_EXCEEDED
// when it does not answer in time, both naming the call and the socket; else with what the .proto
// says of the call.
class ControlClient {
 public:
  struct Options {
    std::string socket_path;  // empty: SocketPath()
    // Start the daemon when none runs, unless a service manager does that.
    bool start_daemon = true;
    // For connecting, and for each call that returns one answer.
    absl::Duration timeout = absl::Seconds(10);
  };

  // Errors: UNAVAILABLE when no daemon can be reached or started, saying why and what to do.
  static absl::StatusOr<std::unique_ptr<ControlClient>> Connect(Options options);
  ~ControlClient();

  // `model`: whose prices are asked for.
  absl::StatusOr<v1::Status> GetStatus(const std::string& account, const std::string& model = "");
  absl::StatusOr<v1::LeaseList> ListLeases(const std::string& account);
  absl::StatusOr<v1::WaiterList> ListWaiters(const std::string& account);

  // Calls `each` with every status until it returns false, which gives OK, or the stream ends, at
  // `deadline` at the latest, with DEADLINE_EXCEEDED.
  absl::Status WatchStatus(const std::string& account, absl::Duration interval,
                           const std::function<bool(const v1::Status&)>& each,
                           absl::Time deadline = absl::InfiniteFuture());

  // Calls `each` with every page; returning false ends the query, which gives OK.
  absl::Status QueryLedger(const v1::QueryLedgerRequest& request,
                           const std::function<bool(const v1::LedgerPage&)>& each);

  // `what`: as in ExplainRequest.
  absl::StatusOr<v1::Explanation> Explain(const std::string& account, const std::string& what);

  // Calls `each` with every page; returning false ends the watch, which gives OK.
  absl::Status WatchEvents(const v1::WatchEventsRequest& request,
                           const std::function<bool(const v1::EventPage&)>& each);
  absl::StatusOr<v1::HookList> ListHooks();

  absl::StatusOr<v1::SetLimitReply> SetLimit(const v1::SetLimitRequest& request);
  absl::StatusOr<v1::PauseReply> Pause(const v1::PauseRequest& request);
  absl::StatusOr<v1::ResumeReply> Resume(const v1::ResumeRequest& request);
  absl::Status RevokeLease(uint64_t lease_id);
  absl::StatusOr<v1::ReportMeterReply> ReportMeter(const v1::ReportMeterRequest& request);
  // `check`: nothing changes.
  absl::StatusOr<v1::ReloadReply> Reload(bool check = false);
  absl::StatusOr<v1::ConfigReport> GetConfig();

 private:
  struct Stubs;
  explicit ControlClient(std::unique_ptr<Stubs> stubs);

  std::unique_ptr<Stubs> stubs_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONTROL_CLIENT_H_
