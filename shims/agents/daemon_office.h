// The daemon as an Office.
#ifndef ZBROKER_SHIMS_AGENTS_DAEMON_OFFICE_H_
#define ZBROKER_SHIMS_AGENTS_DAEMON_OFFICE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/broker/control_client.h"
#include "shims/agents/office.h"

namespace zbroker::agents {

// Connects when it is first asked, and anew when the connection has ended. Not thread-safe.
class DaemonOffice : public Office {
 public:
  // `start_daemon`: when none runs. `timeout`: of connecting, and of each call.
  DaemonOffice(bool start_daemon, absl::Duration timeout)
      : start_daemon_(start_daemon), timeout_(timeout) {}

  absl::StatusOr<v1::Status> GetStatus(const std::string& account,
                                       const std::string& model) override;
  absl::StatusOr<v1::Status> LookAgain(const std::string& account) override;
  absl::StatusOr<v1::Explanation> Explain(const std::string& account,
                                          const std::string& what) override;
  Experience Recall(const std::string& account) override;

 private:
  // Asks once more over a new connection where the old one turns out to have ended.
  absl::Status Ask(bool start_daemon,
                   const std::function<absl::Status(broker::ControlClient&)>& question);
  absl::StatusOr<v1::Status> AskStatus(bool start_daemon, const std::string& account,
                                       const std::string& model);

  const bool start_daemon_;
  const absl::Duration timeout_;
  std::unique_ptr<broker::ControlClient> client_;
  // The last of LookAgain(), for those who look at the same moment.
  std::string looked_at_;
  BootTime looked_;
  absl::StatusOr<v1::Status> seen_;
};

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_DAEMON_OFFICE_H_
