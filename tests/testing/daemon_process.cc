#include "tests/testing/daemon_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "client/base/process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {

DaemonProcess::DaemonProcess(const std::string& config) { SetConfig(config); }

DaemonProcess::~DaemonProcess() { Stop(SIGKILL); }

void DaemonProcess::SetConfig(const std::string& config) {
  WriteFile(dir_.File("config.toml"), config);
}

EnvironmentVariables DaemonProcess::Environment() const {
  return {{"ZBROKER_STATE_DIR", dir_.path()}, {"ZBROKER_CONFIG", dir_.File("config.toml")}};
}

void DaemonProcess::Start() {
  process_ = Process::Start({Program("zbrokerd")}, Environment());
  ASSERT_TRUE(WaitUntil([&] {
    return !process_->Running() || process_->Err().find("serves on") != std::string::npos;
  })) << process_->Err();
  // A client that waits for a daemon may have started one before.
  if (!process_->Running() && RunningPid() > 0) return process_.reset();
  ASSERT_TRUE(process_->Running()) << process_->Err();
}

pid_t DaemonProcess::RunningPid() const {
  const pid_t pid = atoi(ReadFile(dir_.File("zbrokerd.lock")).c_str());
  const auto stat = ReadProcessStat(pid);
  return stat && stat->alive() && stat->name == "zbrokerd" ? pid : 0;
}

void DaemonProcess::Stop(int signal) {
  if (const pid_t pid = RunningPid(); pid > 0) {
    kill(pid, signal);
    EXPECT_TRUE(WaitUntil([&] { return RunningPid() != pid; }));
  }
  if (process_) {
    process_->Wait();
    process_.reset();
  }
}

std::string DaemonProcess::Log() const {
  return (process_ ? process_->Err() : "") + ReadFile(dir_.File("zbrokerd.log"));
}

Process DaemonProcess::StartZlease(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = arguments;
  argv.insert(argv.begin(), Program("zlease"));
  return Process::Start(argv, Environment());
}

Process::End DaemonProcess::Zlease(const std::vector<std::string>& arguments) const {
  return StartZlease(arguments).Wait();
}

Process::End DaemonProcess::Zctl(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = arguments;
  argv.insert(argv.begin(), Program("zctl"));
  return RunProgram(argv, Environment());
}

std::unique_ptr<broker::ControlClient> DaemonProcess::Connect() const {
  auto client = broker::ControlClient::Connect({.socket_path = socket(), .start_daemon = false});
  EXPECT_OK(client);
  return client.ok() ? *std::move(client) : nullptr;
}

v1::Status DaemonProcess::Status() const {
  const auto client = Connect();
  if (client == nullptr) return {};
  const auto status = client->GetStatus("");
  EXPECT_OK(status);
  return status.ok() ? *status : v1::Status();
}

std::vector<v1::LedgerRow> DaemonProcess::Rows() const {
  std::vector<v1::LedgerRow> rows;
  const auto client = Connect();
  if (client == nullptr) return rows;
  EXPECT_OK(client->QueryLedger({}, [&](const v1::LedgerPage& page) {
    rows.insert(rows.end(), page.rows().begin(), page.rows().end());
    return true;
  }));
  return rows;
}

bool DaemonProcess::WaitForSlots(uint32_t in_flight, uint32_t waiting) const {
  const auto client = Connect();
  if (client == nullptr) return false;
  return WaitUntil([&] {
    const auto status = client->GetStatus("");
    return status.ok() && status->accounts(0).slots().in_flight() == in_flight &&
           status->accounts(0).slots().waiting() == waiting;
  });
}

}  // namespace zbroker::testing
