// Where a daemon may start, and how it ends.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/unix_socket.h"
#include "client/broker/broker_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kOneSlot[] = "[account.default.slots]\nlimit = 1\n";
constexpr uid_t kNobody = 65534;

bool IsRoot() { return geteuid() == 0; }

// A daemon that should not come up: returns how it ended.
Process::End Refused(const EnvironmentVariables& environment,
                     const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> argv = {Program("zbrokerd")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Process::Start(argv, environment).Wait();
}

// What makes a daemon use `state_dir` and no configuration, whatever this user has at home.
EnvironmentVariables StateIn(const std::string& state_dir) {
  return {{"ZBROKER_STATE_DIR", state_dir}, {"HOME", state_dir}};
}

TEST(SecondDaemonTest, OnTheSameStateDirectoryIsRefusedAndNamesTheFirst) {
  DaemonProcess first;
  first.Start();
  const pid_t pid = first.RunningPid();
  EnvironmentVariables environment = first.Environment();
  environment.emplace_back("ZBROKER_SOCKET", first.dir().File("other.sock"));
  const Process::End second = Refused(environment);
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_THAT(second.err, HasSubstr(absl::StrCat("another zbrokerd (pid ", pid, ") holds")));
  EXPECT_EQ(first.RunningPid(), pid);
  EXPECT_EQ(first.Zlease({"--", "true"}).exit_status, 0);
}

TEST(SecondDaemonTest, OnTheSameSocketIsRefusedAndNamesTheFirst) {
  DaemonProcess first;
  first.Start();
  TempDir other;
  const Process::End second = Refused(StateIn(other.path()), {"--socket", first.socket()});
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_THAT(second.err,
              HasSubstr(absl::StrCat("another zbrokerd (pid ", first.RunningPid(), ") holds")));
  EXPECT_EQ(first.Zlease({"--", "true"}).exit_status, 0);
}

TEST(SecondDaemonTest, StartsOnceTheFirstHasBeenKilled) {
  DaemonProcess daemon;
  daemon.Start();
  daemon.Stop(SIGKILL);
  ASSERT_EQ(access(daemon.socket().c_str(), F_OK), 0) << "a killed daemon leaves its socket";
  daemon.Start();
  EXPECT_EQ(daemon.Zlease({"--", "true"}).exit_status, 0);
}

TEST(StateDirectoryTest, ThatIsAFileIsRefused) {
  TempDir dir;
  WriteFile(dir.File("state"), "mine");
  const Process::End end = Refused(StateIn(dir.File("state")));
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("state is not a directory"));
  EXPECT_EQ(ReadFile(dir.File("state")), "mine");
}

TEST(StateDirectoryTest, ThatOthersMayWriteToIsRefused) {
  TempDir dir;
  ASSERT_EQ(chmod(dir.path().c_str(), 0777), 0);
  const Process::End end = Refused(StateIn(dir.path()));
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr(absl::StrCat("chmod go-w ", dir.path())));
}

TEST(StateDirectoryTest, OfAnotherUserIsRefused) {
  TempDir dir;
  std::string others = "/usr";
  if (IsRoot()) {
    others = dir.path();
    ASSERT_EQ(chown(others.c_str(), kNobody, gid_t(-1)), 0);
  }
  const Process::End end = Refused(StateIn(others));
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr(absl::StrCat(others, " belongs to user ")));
  EXPECT_THAT(end.err, HasSubstr("--state-dir"));
}

TEST(StateDirectoryTest, ThatIsNotWritableIsRefused) {
  TempDir dir;
  std::vector<std::string> argv = {Program("zbrokerd")};
  // Root may write anywhere, so become somebody who may not.
  if (IsRoot()) {
    ASSERT_EQ(chown(dir.path().c_str(), kNobody, gid_t(-1)), 0);
    argv = {"setpriv", absl::StrCat("--reuid=", kNobody), "--clear-groups", argv[0]};
  }
  ASSERT_EQ(chmod(dir.path().c_str(), 0500), 0);
  const Process::End end = Process::Start(argv, StateIn(dir.path())).Wait();
  if (end.exit_status == 127) GTEST_SKIP() << "can't become another user: " << end.err;
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("is not writable"));
}

TEST(StateDirectoryTest, IsMadeForItsOwnerAlone) {
  TempDir dir;
  const std::string state = dir.File("a/b");
  Process daemon = Process::Start({Program("zbrokerd")}, StateIn(state));
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(daemon.Err(), "serves on"); }))
      << daemon.Err();
  struct stat info {};
  for (const auto& [path, mode] :
       {std::pair{state, 0700u}, std::pair{state + "/broker.sock", 0600u},
        std::pair{state + "/ledger.db", 0600u}}) {
    ASSERT_EQ(stat(path.c_str(), &info), 0) << path;
    EXPECT_EQ(info.st_mode & 0777, mode) << path;
  }
}

TEST(SocketPathTest, LongerThanTheKernelTakesIsRefused) {
  TempDir dir;
  const Process::End end =
      Refused(StateIn(dir.path()), {"--socket", dir.File(std::string(108, 's'))});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("name a shorter one with --socket or ZBROKER_SOCKET"));
}

// A daemon that shows how it ended.
class TerminationTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& argv = {Program("zbrokerd")}) {
    process_ = Process::Start(argv, files_.Environment());
    ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(process_->Err(), "serves on"); }))
        << process_->Err();
  }

  Process::End Terminate() {
    process_->Signal(SIGTERM);
    Process::End end = process_->Wait(absl::Seconds(10));
    process_.reset();
    return end;
  }

  DaemonProcess files_{kOneSlot};
  std::optional<Process> process_;
};

TEST_F(TerminationTest, WithAHolderAndAWaiterIsQuickAndClean) {
  Start();
  const Process holder = files_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(files_.WaitForSlots(1, 0));
  const Process waiter = files_.StartZlease({"--", "true"});
  ASSERT_TRUE(files_.WaitForSlots(1, 1));
  const Process::End end = Terminate();
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.err, HasSubstr("ended"));
}

TEST_F(TerminationTest, TakesTheSocketAway) {
  Start();
  EXPECT_EQ(Terminate().exit_status, 0);
  EXPECT_NE(access(files_.socket().c_str(), F_OK), 0);
}

TEST_F(TerminationTest, HeldLeaseIsReclaimedFromTheNextDaemonAndNeverOvergranted) {
  Start();
  auto client =
      broker::BrokerClient::Create({.socket_path = files_.socket(), .start_daemon = false});
  ASSERT_OK(client);
  absl::StatusOr<broker::Lease> held = (*client)->Acquire({});
  ASSERT_OK(held);
  const uint64_t held_id = held->id();
  std::promise<absl::StatusOr<broker::Lease>> granted;
  (*client)->StartAcquire({}, {.on_end = [&](absl::StatusOr<broker::Lease> lease) {
                            granted.set_value(std::move(lease));
                          }});
  ASSERT_TRUE(files_.WaitForSlots(1, 1));

  EXPECT_EQ(Terminate().exit_status, 0);
  Start();
  const auto is_held = [&] {
    const v1::Status status = files_.Status();
    return status.accounts(0).leases_size() == 1 &&
           status.accounts(0).leases(0).state() == v1::LEASE_STATE_HELD &&
           status.accounts(0).leases(0).lease_id() == held_id;
  };
  ASSERT_TRUE(WaitUntil(is_held)) << files_.Status().DebugString();
  ASSERT_TRUE(files_.WaitForSlots(1, 1));
  EXPECT_OK(held->Release(v1::OUTCOME_OK, {}, absl::Seconds(30)));
  absl::StatusOr<broker::Lease> next = granted.get_future().get();
  ASSERT_OK(next);
  EXPECT_OK(next->Release(v1::OUTCOME_OK, {}, absl::Seconds(30)));

  const std::vector<v1::LedgerRow> rows = files_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].lease_id(), held_id);
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_OK);
  EXPECT_GT(rows[1].lease_id(), held_id);
  EXPECT_LE(absl::FromUnixSeconds(rows[0].closed().seconds()) +
                absl::Nanoseconds(rows[0].closed().nanos()),
            absl::FromUnixSeconds(rows[1].granted().seconds()) +
                absl::Nanoseconds(rows[1].granted().nanos()))
      << "two leases on one slot";
}

class InheritedSocketTest : public TerminationTest {
 protected:
  // Starts the daemon as a service manager does: with the socket as descriptor 3, named in the
  // environment. The shell becomes the daemon, so its pid is the one to tell.
  void StartWith(const Fd& socket) {
    Start({"bash", "-c",
           absl::StrCat("exec 3<&", socket.get(), "; LISTEN_PID=$$ LISTEN_FDS=1 exec ",
                        Program("zbrokerd"))});
  }

  Fd Listen() {
    absl::StatusOr<Fd> socket = ListenUnix(files_.socket(), 0600);
    EXPECT_OK(socket);
    fcntl(socket->get(), F_SETFD, 0);
    return *std::move(socket);
  }
};

TEST_F(InheritedSocketTest, IsServed) {
  const Fd socket = Listen();
  StartWith(socket);
  EXPECT_EQ(files_.Zlease({"--", "true"}).exit_status, 0);
}

TEST_F(InheritedSocketTest, IsLeftInPlaceForTheNextDaemon) {
  const Fd socket = Listen();
  StartWith(socket);
  EXPECT_EQ(Terminate().exit_status, 0);
  EXPECT_EQ(access(files_.socket().c_str(), F_OK), 0);
  // Comes between two daemons and is served by the second.
  Process between = files_.StartZlease({"--", "true"});
  StartWith(socket);
  EXPECT_EQ(between.Wait().exit_status, 0);
}

TEST_F(InheritedSocketTest, OfAnotherProcessIsNotTaken) {
  const Fd socket = Listen();
  Start({"bash", "-c",
         absl::StrCat("exec 3<&", socket.get(), "; LISTEN_PID=1 LISTEN_FDS=1 exec ",
                      Program("zbrokerd"), " --socket ", files_.dir().File("own.sock"))});
  EXPECT_EQ(access(files_.dir().File("own.sock").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace zbroker::testing
