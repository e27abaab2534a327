// What programs read: every `zctl … --json`, against a real daemon, is as packaging/schema has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/schema_check.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kWithAPool[] = R"(
[account.default.slots]
limit = 1
[[account.default.window]]
name = "5h"
length = "5h"
limit = 600
[[account.default.pool]]
models = ["glm-5*"]
limit = 1
learn = true
)";

class JsonContractTest : public ::testing::Test {
 protected:
  JsonContractTest() {
    daemon_.Start();
    environment_ = daemon_.Environment();
    // Whose configuration and tools those are that init and setup look at.
    for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) {
      environment_.emplace_back(name, daemon_.dir().path() + "/home");
    }
  }

  Process::End Zctl(const std::vector<std::string>& arguments) const {
    std::vector<std::string> words = {Program("zctl")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return RunProgram(words, environment_);
  }

  void ExpectAsPromised(const std::string& json, const std::string& name) {
    EXPECT_THAT(SchemaCheck(ZBROKER_SCHEMA).FaultsOf(json, name), IsEmpty()) << name << "\n"
                                                                             << json;
  }

  // Runs it and holds what it prints against the definition of that name.
  void Expect(const std::string& name, std::vector<std::string> arguments, int exit_status = 0) {
    arguments.push_back("--json");
    const Process::End end = Zctl(arguments);
    EXPECT_EQ(end.exit_status, exit_status) << absl::StrJoin(arguments, " ") << ": " << end.err;
    EXPECT_EQ(end.out.find('\n'), end.out.size() - 1) << "not one line: " << end.out;
    EXPECT_THAT(end.out, HasSubstr("\"schema_version\":1"));
    ExpectAsPromised(end.out, name);
  }

  DaemonProcess daemon_{kWithAPool};
  EnvironmentVariables environment_;
};

TEST_F(JsonContractTest, QuestionsWithSomethingInEveryList) {
  ASSERT_EQ(daemon_.Zlease({"--model", "glm-5", "--", "false"}).exit_status, 1);
  const Process holder = daemon_.StartZlease({"--session", "s", "--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const Process waiter = daemon_.StartZlease({"--session", "w", "--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  Expect("pause", {"pause", "--priority", "background", "--until", "2h"});
  Expect("status", {"status"});
  Expect("leases", {"leases"});
  Expect("queue", {"queue"});
  Expect("ledger", {"ledger"});
  Expect("ledger", {"ledger", "--model", "of-nobody"});
  Expect("ledger --by", {"ledger", "--by", "session"});
  Expect("limit", {"limit"});
  Expect("explain", {"explain"});
  Expect("explain", {"explain", "w"});
  Expect("explain", {"explain", "1"});
  Expect("events", {"events"});
  Expect("config", {"config"});
  Expect("config --check", {"config", "--check", daemon_.dir().File("config.toml")});
}

TEST_F(JsonContractTest, LinesOfWhatGoesOn) {
  daemon_.SetConfig("nonsense = 1");
  ASSERT_EQ(Zctl({"reload"}).exit_status, 1);
  const std::string zctl = Program("zctl");
  const std::string file = daemon_.dir().File("lines");
  // It is written to, and so ends by itself, only with the next event.
  Process::End end =
      RunProgram({"sh", "-c",
                  absl::StrCat(zctl, " events --follow --json >", file, " & until grep -q '}$' ",
                               file, "; do sleep 0.02; done; kill $!; cat ", file)},
                 environment_);
  ExpectAsPromised(end.out, "events --follow");
  EXPECT_THAT(end.out, HasSubstr("\"config_error\""));
  end = RunProgram({"sh", "-c", absl::StrCat(zctl, " status --watch --json | head -n 2")},
                   environment_);
  const std::vector<std::string> lines = absl::StrSplit(end.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u) << end.out;
  for (const std::string& line : lines) ExpectAsPromised(line, "status");
}

TEST_F(JsonContractTest, Orders) {
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  Expect("limit set", {"limit", "set", "4"});
  Expect("limit set", {"limit", "auto"});
  Expect("limit set", {"limit", "set", "1", "--model", "glm-5"});
  Expect("limit set --dry-run", {"limit", "set", "4", "--dry-run"});
  Expect("reload", {"reload", "--check"});
  Expect("pause", {"pause"});
  Expect("resume", {"resume"});
  Expect("revoke", {"revoke", "1"});
  Expect("reload", {"reload"});
}

TEST_F(JsonContractTest, WaitThatIsReachedAndOneWhoseTimeIsOver) {
  Expect("wait", {"wait", "--for", "slot"});
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  Expect("wait", {"wait", "--for", "slot", "--timeout", "100ms"}, 75);
}

TEST_F(JsonContractTest, WhatTheShimsKnow) {
  const std::string home = daemon_.dir().path() + "/home";
  RunProgram({"mkdir", "-p", home + "/.codex"});
  RunProgram({"sh", "-c", absl::StrCat("echo 'model = \"glm-5\"' >", home, "/.codex/config.toml")});
  Expect("setup", {"setup"});
  Expect("init", {"init", "--plan", "pro", "--yes", "--tools", "none"});
  Expect("init --undo", {"init", "--undo", "--yes"});
  Expect("meter", {"meter", "--key-env", "NOT_SET"}, 1);
  const Process::End end = Zctl({"doctor", "--json"});
  ExpectAsPromised(end.out, "doctor");
}

// One object on standard output for programs, and the sentence on standard error for people.
TEST_F(JsonContractTest, Errors) {
  Expect("error", {"status", "--account", "nope"}, 1);
  Expect("error", {"explain", "nobody"}, 1);
  Expect("error", {"limit", "set", "1", "--model", "x-*"}, 1);
  Expect("error", {"revoke", "4711"}, 1);
  Expect("error", {"init", "--plan", "prro", "--yes"}, 2);
  Expect("error", {"init", "--undo"}, 1);
  daemon_.SetConfig("nonsense = 1");
  Expect("error", {"reload"}, 1);
  Expect("error", {"reload", "--check"}, 1);
  Expect("error", {"config", "--check", daemon_.dir().File("config.toml")}, 1);
}

TEST_F(JsonContractTest, MistakesInTheCommandLine) {
  Expect("error", {"stauts"}, 2);
  Expect("error", {"status", "--no-such"}, 2);
  Expect("error", {"wait"}, 2);
  Expect("error", {"ledger", "--since", "yesterday"}, 2);
  Expect("error", {"setup", "codex"}, 2);
  Expect("error", {"setup", "--no-such"}, 2);
  Expect("error", {"init", "--no-such"}, 2);
  Expect("doctor", {"doctor", "--no-such"}, 2);
  Expect("meter", {"meter", "--no-such"}, 2);
}

TEST_F(JsonContractTest, NoDaemon) {
  daemon_.Stop(SIGTERM);
  daemon_.SetConfig("nonsense = 1");
  const Process::End end = Zctl({"status", "--json"});
  EXPECT_EQ(end.exit_status, 69);
  EXPECT_THAT(end.out, HasSubstr("\"code\":\"UNAVAILABLE\""));
  EXPECT_THAT(end.out, HasSubstr("\"exit_code\":69"));
  EXPECT_THAT(end.err, StartsWith("zctl: "));
  ExpectAsPromised(end.out, "error");
  Expect("meter", {"meter"}, 1);
  Expect("error", {"config"}, 1);
  daemon_.SetConfig("");
  Expect("config", {"config"});
}

TEST_F(JsonContractTest, FieldThatTheSchemaDoesNotHaveIsSeen) {
  SchemaCheck check(ZBROKER_SCHEMA);
  EXPECT_THAT(check.FaultsOf(R"({"schema_version":1,"account":"a"})", "pause"), IsEmpty());
  EXPECT_EQ(check.FaultsOf(R"({"schema_version":1,"account":"a","more":1})", "pause").size(), 1u);
  EXPECT_EQ(check.FaultsOf(R"({"schema_version":1})", "pause").size(), 1u);
  EXPECT_EQ(check.FaultsOf(R"({"schema_version":1,"account":1})", "pause").size(), 1u);
  EXPECT_EQ(check.FaultsOf(R"({"schema_version":2,"account":"a"})", "pause").size(), 1u);
}

}  // namespace
}  // namespace zbroker::testing
