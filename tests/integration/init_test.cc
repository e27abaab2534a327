// `zctl init`, by flags and at a terminal, judged by the daemon that reads what it writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/integration/agent.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::vector<std::string> kFlags = {"--plan",     "pro", "--purchased", "2026-08-20",
                                         "--upstream", "zai", "--yes"};

class InitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    unlink(file_.c_str());
    mkdir(home_.c_str(), 0700);
  }
  EnvironmentVariables Environment() const {
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("HOME", home_);
    all.emplace_back("PATH", "/usr/bin:/bin");
    return all;
  }
  Process::End Init(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {Program("zctl"), "init"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunProgram(command, Environment());
  }
  // At a terminal, where these bytes are typed.
  Process::End Type(const std::string& keys, const std::vector<std::string>& arguments = {}) const {
    const std::string command =
        absl::StrCat(Program("zctl"), " init ", absl::StrJoin(arguments, " "));
    return RunProgram(
        {"sh", "-c", absl::StrCat("printf '", keys, "' | script -qec '", command, "' /dev/null")},
        Environment());
  }
  // The names of what is beside the configuration.
  std::string Beside() const {
    return RunProgram({"find", daemon_.dir().path(), "-name", "config.toml?*"}).out;
  }

  DaemonProcess daemon_;
  const std::string file_ = daemon_.dir().File("config.toml");
  const std::string home_ = daemon_.dir().File("home");
};

TEST_F(InitTest, FlagsWriteAConfigurationAndARunningDaemonTakesIt) {
  WriteFile(file_, "");
  daemon_.Start();
  ASSERT_EQ(daemon_.Status().accounts(0).windows_size(), 1);
  const auto end = Init(kFlags);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.out, AllOf(HasSubstr("configuration reloaded from " + file_),
                             HasSubstr("no plan says"), HasSubstr("zctl status")));
  EXPECT_THAT(end.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ReadFile(file_),
              AllOf(HasSubstr("\nplan = \"pro\"\n"), HasSubstr("\npurchased = 2026-08-20\n")));
  EXPECT_EQ(daemon_.Status().accounts(0).windows_size(), 3);
  EXPECT_EQ(daemon_.Status().accounts(0).windows(1).limit(), 60'000);
  EXPECT_THAT(Beside(), IsEmpty());
  EXPECT_THAT(Init(kFlags).out, HasSubstr("nothing to change"));

  const auto undone = Init({"--undo", "--yes"});
  EXPECT_EQ(undone.exit_status, 0) << undone.err;
  EXPECT_EQ(ReadFile(file_), "");
  EXPECT_EQ(Init({"--undo", "--yes"}).exit_status, 1);
}

TEST_F(InitTest, DaemonTakesEveryPlanOfEveryGeneration) {
  for (const char* plan : {"lite", "pro", "max", "none"}) {
    for (const char* generation : {"v1", "v2", "v3"}) {
      SCOPED_TRACE(absl::StrCat(plan, " ", generation));
      std::vector<std::string> flags = {"--plan", plan, "--print", "--meter"};
      if (absl::string_view(plan) != "none")
        flags.insert(flags.end(), {"--generation", generation});
      const auto end = Init(flags);
      EXPECT_EQ(end.exit_status, 0) << end.err;
      WriteFile(daemon_.dir().File("printed.toml"), end.out);
      const auto checked =
          RunProgram({Program("zbrokerd"), "--check-config", daemon_.dir().File("printed.toml")});
      EXPECT_EQ(checked.exit_status, 0) << checked.err;
    }
  }
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
}

TEST_F(InitTest, OneThatIsThereKeepsAllElseAndComesBackByteForByte) {
  const std::string before =
      "# mine\n[account.default]\nplan = \"lite\" # small\n[broker]\nqueue_max = 7\n";
  const std::string real = daemon_.dir().File("dotfiles.toml");
  WriteFile(real, before);
  ASSERT_EQ(symlink(real.c_str(), file_.c_str()), 0);
  const auto end = Init(kFlags);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.out, AllOf(HasSubstr("-plan = \"lite\" # small\n"),
                             HasSubstr("+plan = \"pro\" # small\n")));
  EXPECT_THAT(ReadFile(real), AllOf(HasSubstr("# mine\n"), HasSubstr("queue_max = 7\n"),
                                    HasSubstr("purchased = 2026-08-20\n")));
  EXPECT_EQ(Init({"--undo", "--yes"}).exit_status, 0);
  EXPECT_EQ(ReadFile(real), before);
  char target[256] = "";
  EXPECT_GT(readlink(file_.c_str(), target, sizeof target), 0);
}

TEST_F(InitTest, WhatTheDaemonWouldRefuseIsNotWritten) {
  WriteFile(file_, "[broker]\nqueue_max = 0\n");
  auto end = Init(kFlags);
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr(file_ + ":2: broker.queue_max"));
  EXPECT_EQ(ReadFile(file_), "[broker]\nqueue_max = 0\n");
  WriteFile(file_, "[account\n");
  end = Init(kFlags);
  EXPECT_NE(end.exit_status, 0);
  EXPECT_THAT(end.err, HasSubstr(file_));
  EXPECT_EQ(ReadFile(file_), "[account\n");
}

TEST_F(InitTest, WhereItCannotWriteItSaysSoAndLeavesNothingBehind) {
  WriteFile(file_, "");
  ASSERT_EQ(chmod(file_.c_str(), 0444), 0);
  const auto read_only = Init(kFlags);
  EXPECT_EQ(read_only.exit_status, 1);
  EXPECT_THAT(read_only.err, HasSubstr("chmod u+w"));
  unlink(file_.c_str());
  ASSERT_EQ(symlink("/nowhere/to/be/found", file_.c_str()), 0);
  EXPECT_EQ(Init(kFlags).exit_status, 1);
  unlink(file_.c_str());
  ASSERT_EQ(mkdir(file_.c_str(), 0700), 0);
  EXPECT_EQ(Init(kFlags).exit_status, 1);
  EXPECT_THAT(Beside(), IsEmpty());
  EXPECT_EQ(Init({"--undo", "--yes"}).exit_status, 1);
}

TEST_F(InitTest, WithoutATerminalItSaysWhichFlagsAreNeeded) {
  auto end = Init({});
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.err, AllOf(HasSubstr("--plan"), HasSubstr("--purchased")));
  end = Init({"--plan", "pro"});
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.err, HasSubstr("--yes"));
  end = Init({"--plan", "prro", "--yes"});
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.err, HasSubstr("did you mean pro?"));
  end = Init({"--plan", "prro", "--yes", "--json"});
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.out, HasSubstr("\"error\":{\"code\":\"INVALID_ARGUMENT\""));
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
}

TEST_F(InitTest, PrintThatCouldNotBeWrittenIsAnError) {
  const auto end =
      RunProgram({"sh", "-c", absl::StrCat(Program("zctl"), " init --plan pro --print >/dev/full")},
                 Environment());
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("could not be written"));
}

TEST_F(InitTest, JsonIsTheOnlyThingSaid) {
  std::vector<std::string> flags = kFlags;
  flags.push_back("--json");
  const auto end = Init(flags);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.out, AllOf(HasSubstr("\"written\":true"), HasSubstr("\"plan\":\"pro\""),
                             HasSubstr("\"not_known\":[\"")));
  EXPECT_EQ(end.out.find('\n'), end.out.size() - 1);
  EXPECT_THAT(end.err, IsEmpty());
}

TEST_F(InitTest, AtATerminalItAsksShowsAndWritesOnAYes) {
  const auto no = Type("pro\\n2026-08-20\\n\\n\\nn\\n");
  EXPECT_THAT(no.out, AllOf(HasSubstr("Which plan"), HasSubstr("plan = \"pro\""),
                            HasSubstr("nothing is written")));
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
  const auto yes = Type("pro\\n2026-08-20\\n\\n\\n\\n");
  EXPECT_EQ(yes.exit_status, 0) << yes.out;
  EXPECT_THAT(ReadFile(file_), HasSubstr("plan = \"pro\""));
}

TEST_F(InitTest, CtrlCInTheMiddleOfTheQuestionsLeavesNothing) {
  const std::string shown = daemon_.dir().File("shown");
  const auto end = RunProgram(
      {"sh", "-c",
       absl::StrCat("{ echo pro; until grep -q 'was it bought' ", shown,
                    "; do sleep 0.02; done; printf '\\003'; sleep 60 & echo $! >", shown,
                    ".pid; wait; } 2>/dev/null | { script -qefc '", Program("zctl"), " init' ",
                    shown, "; echo ended $?; kill $(cat ", shown, ".pid); }")},
      Environment());
  EXPECT_THAT(end.out, HasSubstr("ended 130"));
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
  EXPECT_THAT(Beside(), IsEmpty());
}

TEST_F(InitTest, EachUndoGoesOneStepBack) {
  EXPECT_EQ(Init(kFlags).exit_status, 0);
  const std::string first = ReadFile(file_);
  EXPECT_EQ(Init({"--plan", "max", "--yes"}).exit_status, 0);
  EXPECT_NE(ReadFile(file_), first);
  EXPECT_EQ(Init({"--undo", "--yes"}).exit_status, 0);
  EXPECT_EQ(ReadFile(file_), first);
  EXPECT_EQ(Init({"--undo", "--yes", "--json"}).out, "{\"schema_version\":1,\"undone\":true}\n");
  EXPECT_NE(access(file_.c_str(), F_OK), 0);
}

TEST_F(InitTest, ToolsAreSetUpForTheGatewayThatRuns) {
  RunProgram({"mkdir", "-p", home_ + "/.codex"});
  const std::string codex = home_ + "/.codex/config.toml";
  WriteFile(codex, "[model_providers.zai]\nbase_url = \"https://api.z.ai/api/v1\"\n");
  std::vector<std::string> flags = kFlags;
  flags.insert(flags.end(), {"--tools", "all"});
  auto end = Init(flags);
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.err, HasSubstr("no gateway runs"));
  EXPECT_THAT(ReadFile(file_), HasSubstr("plan = \"pro\""));

  Process gateway =
      Process::Start({Program("zlease"), "gateway", "--listen", "127.0.0.1:0"}, Environment());
  ASSERT_TRUE(WaitUntil([&] { return absl::EndsWith(gateway.Out(), "\n"); })) << gateway.Err();
  end = Init(flags);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(ReadFile(codex), HasSubstr("http://127.0.0.1:"));
  gateway.Signal(SIGTERM);
  gateway.Wait();
}

}  // namespace
}  // namespace zbroker::testing
