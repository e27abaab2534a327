// `zctl meter` against an upstream with a meter: what status shows then, also after restarts, and
// what is never said or sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/gateway/case_files.h"
#include "tests/integration/meter/fake_meter.h"
#include "tests/testing/daemon_process.h"
#include "zbroker/v1/meter.pb.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTwoWindows[] = R"(
[account.default.slots]
limit = 4
[[account.default.window]]
name = "5h"
unit = "prompts"
length = "5h"
kind = "anchored"
limit = 200
enforce = "probe"
[[account.default.window]]
name = "week"
unit = "prompts"
length = "7d"
kind = "anchored"
limit = 2000
enforce = "probe"
)";

constexpr char kFile[] = "key";

class MeterTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  std::vector<std::string> Command(std::vector<std::string> flags = {}) const {
    std::vector<std::string> command = {Program("zctl"), "meter",   "--upstream",
                                        meter_.url(),    "--apart", "0s"};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }
  EnvironmentVariables WithKey() const {
    EnvironmentVariables environment = daemon_.Environment();
    environment.emplace_back("TEST_KEY", kMeterKey);
    return environment;
  }
  Process::End Read(std::vector<std::string> flags = {"--key-env", "TEST_KEY"}) const {
    return RunProgram(Command(std::move(flags)), WithKey());
  }
  void ServePrompts(int count) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  }
  v1::WindowStatus Window(int which) const { return daemon_.Status().accounts(0).windows(which); }
  v1::MeterStatus Meter() const { return daemon_.Status().accounts(0).meter(); }

  // Once as it is, and once more after the daemon was killed.
  template <typename Body>
  void AlsoAfterARestart(Body body) {
    for (const bool restarted : {false, true}) {
      SCOPED_TRACE(restarted ? "restarted" : "at once");
      if (restarted) {
        daemon_.Stop(SIGKILL);
        daemon_.Start();
      }
      body();
    }
  }

  DaemonProcess daemon_{kTwoWindows};
  FakeMeter meter_;
};

TEST_F(MeterTest, StatusShowsBothFiguresAndWhatCameFromElsewhere) {
  ServePrompts(4);
  const absl::Time reset = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now() + absl::Hours(3)));
  meter_.Show(MeterBody(absl::StrCat(
      MeterLimit("TOKENS_LIMIT", 6, 1, R"(,"percentage":1)"), ",",
      MeterLimit("TOKENS_LIMIT", 3, 5, absl::StrCat(R"(,"percentage":61)", ResetsAt(reset))))));
  const Process::End end = Read();
  ASSERT_EQ(end.exit_status, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("5h 61 % of the tokens"));
  AlsoAfterARestart([&] {
    EXPECT_EQ(Window(0).used(), 122);
    EXPECT_EQ(Window(0).meter().percent(), 61);
    EXPECT_EQ(Window(0).meter().ours_percent(), 2);
    EXPECT_EQ(Window(0).meter().foreign(), 118);
    EXPECT_LT(absl::AbsDuration(FromProtoTime(Window(0).reset()) - reset), absl::Milliseconds(10));
    EXPECT_EQ(Window(1).used(), 20) << "matched by its length, not by its place";
    EXPECT_EQ(Meter().readings_size(), 2);
    EXPECT_THAT(daemon_.Zctl({"status"}).out,
                HasSubstr("provider 61 %, ours 2 %: 118 prompts came from elsewhere"));
  });
}

TEST_F(MeterTest, UsedUpIsFullAlthoughOnlyProbed) {
  const absl::Time reset = absl::Now() + absl::Hours(2);
  meter_.Show(MeterBody(
      MeterLimit("TOKENS_LIMIT", 3, 5, absl::StrCat(R"(,"percentage":100)", ResetsAt(reset)))));
  ASSERT_EQ(Read().exit_status, 0);
  AlsoAfterARestart([&] {
    EXPECT_TRUE(Window(0).exhausted());
    EXPECT_TRUE(Window(0).meter().used_up());
    EXPECT_EQ(Window(0).used(), 200);
    EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 75);
    EXPECT_THAT(daemon_.Zctl({"status"}).out, HasSubstr("used up, says the provider"));
  });
  meter_.Show(MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":30)")));
  ASSERT_EQ(Read().exit_status, 0);
  EXPECT_EQ(Window(0).used(), 62) << "the most that 30 % may be";
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 0);
}

TEST_F(MeterTest, FieldCasesAreReadAsTheyAre) {
  meter_.ShowRaw(ReadCase("meter-sums-dont-add-up/meter-pro.http"));
  ASSERT_EQ(Read().exit_status, 0);
  EXPECT_NEAR(Window(0).meter().percent(), 3.35, 1e-9);
  EXPECT_EQ(Meter().readings(0).used(), 402);
  EXPECT_EQ(Meter().readings(0).limit(), 12'000);
  EXPECT_NEAR(Window(0).used(), 200 * 0.0335, 1e-5);
  for (const char* silent : {"no-limits", "no-body", "no-plan"}) {
    SCOPED_TRACE(silent);
    meter_.ShowRaw(ReadCase(absl::StrCat("meter-team-empty/meter-", silent, ".http")));
    const Process::End end = Read();
    EXPECT_EQ(end.exit_status, absl::string_view(silent) == "no-plan" ? 1 : 0) << end.err;
    EXPECT_NE(Meter().trouble(), "");
    EXPECT_NEAR(Window(0).used(), 200 * 0.0335, 1e-5) << "changes nothing";
  }
}

TEST_F(MeterTest, WhatIsNoReadingChangesNothingAndIsSaid) {
  meter_.Show(MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":50)")));
  ASSERT_EQ(Read().exit_status, 0);
  const std::string whole = MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":90)"));
  for (const std::string& body :
       {std::string("<html>502</html>"), whole.substr(0, whole.size() / 2),
        std::string(R"({"code":500,"msg":"busy","success":false})"),
        MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":-3)")),
        MeterBody(MeterLimit("WEATHER_LIMIT", 3, 5, R"(,"percentage":90)")),
        std::string(1 << 20, ' ')}) {
    SCOPED_TRACE(body.substr(0, 100));
    meter_.Show(body);
    const Process::End end = Read();
    EXPECT_EQ(end.exit_status, 1);
    EXPECT_NE(end.err, "");
    EXPECT_EQ(Window(0).used(), 100);
    EXPECT_NE(Meter().trouble(), "");
  }
  meter_.Show(whole, 502);
  EXPECT_EQ(Read().exit_status, 1);
  EXPECT_EQ(Window(0).used(), 100);
}

TEST_F(MeterTest, HangingMeterHoldsUpNobodyAndIsAskedByOneAtATime) {
  meter_.Hang();
  Process reading = Process::Start(Command({"--key-env", "TEST_KEY"}), WithKey());
  ASSERT_TRUE(WaitUntil([&] { return meter_.asked() == 1; }));
  const Process::End other = Read();
  EXPECT_EQ(other.exit_status, 0);
  EXPECT_THAT(other.out, HasSubstr("another program asks"));
  const Process::End lease = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(lease.exit_status, 0);
  const Process::End status = daemon_.Zctl({"status"});
  EXPECT_EQ(status.exit_status, 0);
  RecordProperty("lease_ms", static_cast<int>(absl::ToInt64Milliseconds(lease.took)));
  RecordProperty("status_ms", static_cast<int>(absl::ToInt64Milliseconds(status.took)));
  EXPECT_TRUE(reading.Running());
  EXPECT_EQ(meter_.asked(), 1) << "a second question meanwhile";
  meter_.GoOn();
  EXPECT_EQ(reading.Wait().exit_status, 0);
}

TEST_F(MeterTest, IsAskedAMinuteApartAtLeast) {
  const std::vector<std::string> command = {Program("zctl"), "meter",     "--upstream",
                                            meter_.url(),    "--key-env", "TEST_KEY"};
  ASSERT_EQ(RunProgram(command, WithKey()).exit_status, 0);
  const Process::End again = RunProgram(command, WithKey());
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_THAT(again.out, HasSubstr("apart at least"));
  EXPECT_EQ(meter_.asked(), 1);
}

TEST_F(MeterTest, KeyGoesToTheMeterAsItIsAndNowhereElse) {
  meter_.Show(absl::StrCat(R"({"code":500,"msg":"no such key )", kMeterKey, R"("})"));
  const Process::End end = Read();
  EXPECT_THAT(meter_.last_head(), HasSubstr(absl::StrCat("Authorization: ", kMeterKey, "\r\n")));
  EXPECT_THAT(meter_.last_head(), HasSubstr("Accept-Language: en-US,en\r\n"));
  for (const std::string& text :
       {end.out, end.err, daemon_.Log(), Meter().trouble(), daemon_.Zctl({"status"}).out}) {
    EXPECT_THAT(text, Not(HasSubstr("ThisIsTheKey")));
  }
  EXPECT_NE(Meter().trouble(), "");
}

TEST_F(MeterTest, KeyFileThatOthersCanReadIsRefused) {
  const std::string path = daemon_.dir().File(kFile);
  std::ofstream(path) << kMeterKey << "\n";
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const Process::End refused = Read({"--key-file", path});
  EXPECT_EQ(refused.exit_status, 1);
  EXPECT_THAT(refused.err, HasSubstr("others can read it"));
  EXPECT_EQ(meter_.asked(), 0);
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(Read({"--key-file", path}).exit_status, 0);
  EXPECT_EQ(meter_.asked(), 1);
}

TEST_F(MeterTest, GoodKeyThatTheFirstPathRefusesIsTriedAtTheOther) {
  meter_.RefuseFirstPath();
  meter_.Show(MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":50)")));
  EXPECT_EQ(Read().exit_status, 0);
  EXPECT_THAT(meter_.last_head(), HasSubstr("GET /api/monitor/usage HTTP"));
  EXPECT_EQ(Window(0).used(), 100);
}

TEST_F(MeterTest, WithoutAHostOrAKeyNobodyIsAsked) {
  const Process::End no_host = RunProgram({Program("zctl"), "meter"}, WithKey());
  EXPECT_EQ(no_host.exit_status, 1);
  EXPECT_THAT(no_host.err, HasSubstr("--upstream"));
  EnvironmentVariables nowhere = daemon_.Environment();
  nowhere.emplace_back("CLAUDE_CONFIG_DIR", daemon_.dir().path());
  const Process::End no_key = RunProgram(Command(), nowhere);
  EXPECT_EQ(no_key.exit_status, 1);
  EXPECT_THAT(no_key.err, HasSubstr("--key-file"));
  EXPECT_EQ(meter_.asked(), 0);
}

TEST_F(MeterTest, KeyOfClaudeCodeGoesOnlyWhereClaudeCodeSendsIt) {
  EnvironmentVariables environment = daemon_.Environment();
  environment.emplace_back("CLAUDE_CONFIG_DIR", daemon_.dir().path());
  const auto write = [&](const std::string& base) {
    std::ofstream(daemon_.dir().File("settings.json"))
        << R"({"env":{"ANTHROPIC_BASE_URL":")" << base << R"(","ANTHROPIC_AUTH_TOKEN":")"
        << kMeterKey << R"("}})";
  };
  write("https://api.example.com/api/anthropic");
  EXPECT_EQ(RunProgram(Command(), environment).exit_status, 1);
  EXPECT_EQ(meter_.asked(), 0);
  write(absl::StrCat(meter_.url(), "/api/anthropic"));
  EXPECT_EQ(RunProgram(Command(), environment).exit_status, 0);
  EXPECT_THAT(meter_.last_head(), HasSubstr(kMeterKey));
}

TEST_F(MeterTest, RegularReaderSaysItsTroubleAndStays) {
  meter_.Show("<html>");
  Process regular = Process::Start(Command({"--key-env", "TEST_KEY", "--every", "1m"}), WithKey());
  ASSERT_TRUE(WaitUntil([&] { return absl::StrContains(regular.Err(), "no JSON"); }));
  EXPECT_TRUE(regular.Running());
  EXPECT_EQ(meter_.asked(), 1);
}

TEST_F(MeterTest, RegularReaderFindsADaemonThatCameBackAtOnce) {
  meter_.Show(MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":61)")));
  daemon_.Stop(SIGKILL);
  Process regular = Process::Start(Command({"--key-env", "TEST_KEY", "--every", "1m"}), WithKey());
  ASSERT_TRUE(WaitUntil([&] { return !regular.Err().empty(); }));
  EXPECT_EQ(meter_.asked(), 0) << "nobody would hear of it";
  daemon_.Start();
  ASSERT_TRUE(WaitUntil([&] { return meter_.asked() == 1; })) << regular.Err();
  ASSERT_TRUE(WaitUntil([&] { return Meter().has_asked(); }));
}

// What a script reads; nothing but the outcome is printed.
v1::MeterOutcome ReadOutcome(const Process::End& end) {
  v1::MeterOutcome outcome;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(end.out, &outcome).ok()) << end.out;
  EXPECT_EQ(outcome.schema_version(), 1u);
  return outcome;
}

TEST_F(MeterTest, JsonHasBothFiguresThePlanAndWhenItIsAskedNext) {
  ServePrompts(4);
  meter_.Show(MeterBody(MeterLimit("TOKENS_LIMIT", 3, 5, R"(,"percentage":61)")));
  const Process::End end = Read({"--key-env", "TEST_KEY", "--json"});
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const v1::MeterOutcome outcome = ReadOutcome(end);
  EXPECT_EQ(outcome.state(), "read");
  EXPECT_EQ(outcome.error(), "");
  EXPECT_EQ(outcome.account(), "default");
  EXPECT_EQ(outcome.host(), meter_.url());
  EXPECT_TRUE(outcome.has_asked_at());
  EXPECT_EQ(outcome.level(), "pro");
  ASSERT_EQ(outcome.readings_size(), 1);
  ASSERT_EQ(outcome.windows_size(), 2);
  EXPECT_EQ(outcome.windows(0).ours(), 4);
  EXPECT_EQ(outcome.windows(0).foreign(), 118);
  EXPECT_EQ(outcome.windows(0).provider(), 61);
  EXPECT_FALSE(outcome.windows(0).used_up());
  EXPECT_FALSE(outcome.windows(1).metered());
  const std::vector<std::string> early = {Program("zctl"), "meter",    "--upstream", meter_.url(),
                                          "--key-env",     "TEST_KEY", "--json"};
  const Process::End again = RunProgram(early, WithKey());
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_EQ(ReadOutcome(again).state(), "not_asked");
  // Said by two looks at the clocks.
  const absl::Duration pause =
      FromProtoTime(ReadOutcome(again).next_ask_at()) - FromProtoTime(outcome.asked_at());
  EXPECT_LT(absl::AbsDuration(pause - absl::Seconds(60)), absl::Milliseconds(1));
  EXPECT_EQ(meter_.asked(), 1);
}

TEST_F(MeterTest, JsonHasAnIdForWhatIsWrong) {
  const auto error = [&](const std::vector<std::string>& flags, int status) {
    const Process::End end = Read(flags);
    EXPECT_EQ(end.exit_status, status) << end.out << end.err;
    return ReadOutcome(end).error();
  };
  EXPECT_EQ(error({"--json", "--key-env", "NOT_SET"}, 1), "key-missing");
  EXPECT_EQ(error({"--json", "--account", "nope", "--key-env", "TEST_KEY"}, 1), "no-account");
  EXPECT_EQ(error({"--json", "--no-such"}, 2), "usage");
  EXPECT_EQ(error({"--json", "--upstream", ""}, 2), "usage");
  meter_.Show("<html>");
  EXPECT_EQ(error({"--json", "--key-env", "TEST_KEY"}, 1), "answer-bad");
  meter_.Show(R"({"code":401,"msg":"no","success":false})");
  EXPECT_EQ(error({"--json", "--key-env", "TEST_KEY"}, 1), "key-refused");
}

TEST_F(MeterTest, PlanThatTheMeterContradictsIsSaidWithItsCommand) {
  daemon_.SetConfig("[account.default]\nplan = \"pro\"\ngeneration = \"v3\"\n");
  ASSERT_EQ(daemon_.Zctl({"reload"}).exit_status, 0);
  meter_.Show(absl::StrReplaceAll(
      MeterBody(MeterLimit("CREDIT_LIMIT", 6, 1,
                           R"(,"usage":140000,"currentValue":0,"remaining":140000)")),
      {{R"("level":"pro")", R"("level":"max")"}}));
  const Process::End end = Read();
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_THAT(end.err, HasSubstr("plan pro, and the provider's meter says max"));
  EXPECT_THAT(end.err, HasSubstr("zctl init --plan max"));
  AlsoAfterARestart([&] {
    const Process::End doctor = daemon_.Zctl({"doctor"});
    EXPECT_EQ(doctor.exit_status, 1);
    EXPECT_THAT(doctor.out, HasSubstr("warning plan-differs: account default"));
    EXPECT_THAT(doctor.out, HasSubstr("fix: zctl init --plan max"));
  });
}

}  // namespace
}  // namespace zbroker::testing
