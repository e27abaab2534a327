// A real daemon with a state directory of its own.
#ifndef ZBROKER_TESTS_TESTING_DAEMON_PROCESS_H_
#define ZBROKER_TESTS_TESTING_DAEMON_PROCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/broker/control_client.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::testing {

class DaemonProcess {
 public:
  // `config`: TOML; it may be empty. The daemon is not started yet.
  explicit DaemonProcess(const std::string& config = "");
  // Ends the daemon, also one that clients have started.
  ~DaemonProcess();

  // Returns when it serves.
  void Start();
  void SetConfig(const std::string& config);
  // Ends the daemon that now runs, whoever started it, and waits for its end.
  void Stop(int signal);
  // The pid in the lock file, 0 if there is none.
  pid_t RunningPid() const;

  const TempDir& dir() const { return dir_; }
  std::string socket() const { return dir_.File("broker.sock"); }
  std::string ledger() const { return dir_.File("ledger.db"); }
  // What its own stderr, or the log of one that clients started, says.
  std::string Log() const;

  // What makes our programs use this daemon.
  EnvironmentVariables Environment() const;
  Process::End Zlease(const std::vector<std::string>& arguments) const;
  Process StartZlease(const std::vector<std::string>& arguments) const;
  Process::End Zctl(const std::vector<std::string>& arguments) const;

  // Fails the test, and returns an empty status, when there is none to be had.
  v1::Status Status() const;
  v1::SlotsStatus Slots() const { return Status().accounts(0).slots(); }
  std::vector<v1::LedgerRow> Rows() const;
  // Waits until so many leases are open and so many Acquires wait.
  bool WaitForSlots(uint32_t in_flight, uint32_t waiting) const;

 private:
  std::unique_ptr<broker::ControlClient> Connect() const;

  TempDir dir_;
  std::optional<Process> process_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_DAEMON_PROCESS_H_
