#include "shims/agents/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::agents {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FakeOffice : public Office {
 public:
  absl::StatusOr<v1::Status> GetStatus(const std::string&, const std::string&) override {
    if (!error.ok()) return error;
    v1::Status status;
    v1::AccountStatus& account = *status.add_accounts();
    account.set_name("default");
    account.mutable_slots()->set_in_flight(busy ? 1 : 0);
    return status;
  }
  absl::StatusOr<v1::Status> LookAgain(const std::string& account) override {
    return GetStatus(account, "");
  }
  absl::StatusOr<v1::Explanation> Explain(const std::string&, const std::string& what) override {
    if (!error.ok()) return error;
    if (what == "none") return absl::NotFoundError("nothing is called \"none\"");
    v1::Explanation explanation;
    explanation.set_verdict("about " + what);
    return explanation;
  }
  Experience Recall(const std::string&) override { return {}; }

  absl::Status error;
  bool busy = false;
};

class ServerTest : public ::testing::Test {
 protected:
  std::string Say(absl::string_view line) {
    server_.Take(line, now_);
    return server_.TakeOutput();
  }
  std::string Initialize(absl::string_view version) {
    return Say(absl::StrCat(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":)",
                            R"({"protocolVersion":")", version, R"("}})"));
  }
  std::string Call(absl::string_view tool, absl::string_view arguments = "{}") {
    return Say(absl::StrCat(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":")",
                            tool, R"(","arguments":)", arguments, "}}"));
  }

  // Calls wait_until for idleness; `more` follows on the arguments.
  std::string Wait(absl::string_view id, absl::string_view more = "",
                   absl::string_view arguments = R"({"condition":"idle","seconds":30})") {
    return Say(absl::StrCat(R"({"jsonrpc":"2.0","id":)", id,
                            R"(,"method":"tools/call","params":{"name":"wait_until","arguments":)",
                            arguments, more, "}}"));
  }
  std::string LookAfter(absl::Duration length) {
    now_ = now_ + length;
    server_.Look(now_);
    return server_.TakeOutput();
  }

  BootTime now_ = BootTime::FromMicros(1'000'000'000);
  FakeOffice office_;
  Server server_{office_, absl::UTCTimeZone()};
};

TEST_F(ServerTest, SpeaksTheRevisionThatTheClientNames) {
  for (const char* version : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
    EXPECT_THAT(Initialize(version), HasSubstr(absl::StrCat("\"protocolVersion\":\"", version)));
  }
}

TEST_F(ServerTest, OffersItsLatestRevisionInPlaceOfAnUnknownOne) {
  EXPECT_THAT(Initialize("2199-01-01"), HasSubstr(R"("protocolVersion":"2025-11-25")"));
}

TEST_F(ServerTest, IdsComeBackAsTheyWere) {
  EXPECT_EQ(Say(R"({"jsonrpc":"2.0","id":"a\"b","method":"ping"})"),
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"result\":{}}\n");
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":9007199254740993,"method":"ping"})"),
              HasSubstr("\"id\":9007199254740993,"));
}

TEST_F(ServerTest, FaultsHaveTheirNumbers) {
  EXPECT_THAT(Say("{half"), AllOf(HasSubstr("-32700"), HasSubstr("\"id\":null")));
  EXPECT_THAT(Say(std::string("{\"a\":\"\xff\"}")), HasSubstr("-32700"));
  EXPECT_THAT(Say(std::string(100'000, '[')), HasSubstr("-32700"));
  EXPECT_THAT(Say("7"), HasSubstr("-32600"));
  EXPECT_THAT(Say("[]"), HasSubstr("-32600"));
  EXPECT_THAT(Say(R"({"id":1,"method":"ping"})"), HasSubstr("-32600"));
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":{},"method":"ping"})"), HasSubstr("-32600"));
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":1})"), HasSubstr("-32600"));
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":1,"method":"resources/list"})"), HasSubstr("-32601"));
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]})"),
              HasSubstr("-32602"));
  EXPECT_THAT(Say(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}})"),
              HasSubstr("-32602"));
  EXPECT_THAT(Call("none"), HasSubstr("-32602"));
  EXPECT_THAT(Call("budget", "3"), HasSubstr("-32602"));
  server_.TakeTooLong();
  EXPECT_THAT(server_.TakeOutput(), HasSubstr("-32700"));
}

TEST_F(ServerTest, NotificationsAnswersAndBlankLinesAreAnsweredByNothing) {
  for (const char* line :
       {"", "  \r\n", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"no/such"})", R"({"jsonrpc":"2.0","id":1,"result":{}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{}})"}) {
    EXPECT_EQ(Say(line), "") << line;
  }
}

TEST_F(ServerTest, BatchesAreOfTheRevisionThatHasThem) {
  const char* const batch =
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"x"},)"
      R"({"jsonrpc":"2.0","id":2,"method":"ping"}])";
  EXPECT_THAT(Say(batch), HasSubstr("-32600"));
  Initialize("2025-03-26");
  EXPECT_EQ(Say(batch),
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":2,"
            "\"result\":{}}]\n");
  EXPECT_EQ(Say(R"([{"jsonrpc":"2.0","method":"x"}])"), "");
}

TEST_F(ServerTest, StructuredResultsAreOfTheRevisionsThatHaveThem) {
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  EXPECT_THAT(Call("budget"), HasSubstr(R"("structuredContent":{"summary":"Account default)"));
  EXPECT_THAT(Say(list), HasSubstr("outputSchema"));
  Initialize("2025-03-26");
  EXPECT_THAT(Call("budget"), AllOf(HasSubstr("Account default"), Not(HasSubstr("structured"))));
  EXPECT_THAT(Say(list), Not(HasSubstr("outputSchema")));
}

TEST_F(ServerTest, ABrokerThatCannotBeAskedIsAResultWithAWayOut) {
  office_.error = absl::UnavailableError("no daemon");
  for (const char* tool : {"budget", "preflight", "explain"}) {
    EXPECT_THAT(
        Call(tool, tool[0] == 'p' ? R"({"prompts":1})" : "{}"),
        AllOf(StartsWith(R"({"jsonrpc":"2.0","id":7,"result")"), HasSubstr(R"("isError":true)"),
              HasSubstr("no daemon"), HasSubstr("zctl doctor")));
  }
}

TEST_F(ServerTest, ExplainsWhatIsNamedAndSaysWhatToDoWhereNothingIs) {
  EXPECT_THAT(Call("explain", R"({"what":"T1"})"),
              AllOf(HasSubstr(R"("verdict":"about T1")"), HasSubstr(R"("isError":false)")));
  EXPECT_THAT(Call("explain", R"({"what":"none"})"),
              AllOf(HasSubstr(R"("isError":true)"), HasSubstr("Nothing is called"),
                    HasSubstr("without `what`")));
  EXPECT_THAT(Call("explain", R"({"lease":4})"), HasSubstr("they are what, account"));
}

constexpr char kProgress[] = R"(,"_meta":{"progressToken":"t\"1"})";

TEST_F(ServerTest, WhatHoldsAlreadyIsNotWaitedFor) {
  EXPECT_THAT(Wait("1"), AllOf(HasSubstr("\"id\":1,"), HasSubstr("REACHED after 0"),
                               HasSubstr("\"reached\":true")));
  EXPECT_EQ(server_.NextLook(), BootTime::InfiniteFuture());
}

TEST_F(ServerTest, CallThatWaitsIsAnsweredWhenItsConditionHolds) {
  office_.busy = true;
  EXPECT_EQ(Wait("1"), "");
  EXPECT_EQ(Say(R"({"jsonrpc":"2.0","id":2,"method":"ping"})"),
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n")
      << "others are answered meanwhile";
  EXPECT_EQ(LookAfter(absl::Seconds(3)), "");
  office_.busy = false;
  EXPECT_EQ(LookAfter(absl::ZeroDuration()), "") << "looked at before its time";
  EXPECT_THAT(LookAfter(Server::kBetweenLooks), HasSubstr("REACHED after 4.0s"));
  EXPECT_EQ(LookAfter(absl::Hours(1)), "") << "answered twice";
}

TEST_F(ServerTest, CallWhoseTimeIsOverIsAnsweredHowItStands) {
  office_.busy = true;
  Wait("1");
  EXPECT_EQ(LookAfter(absl::Seconds(29.5)), "");
  EXPECT_LE(server_.NextLook(), now_ + absl::Seconds(0.5));
  EXPECT_THAT(LookAfter(absl::Seconds(0.5)),
              AllOf(HasSubstr("NOT YET after 30s. 1 of 0 slots taken"),
                    HasSubstr("\"reached\":false"), HasSubstr("\"isError\":false")));
}

TEST_F(ServerTest, ProgressIsToldToThoseWhoAskAndGrows) {
  office_.busy = true;
  EXPECT_THAT(Wait("1", kProgress),
              AllOf(HasSubstr(R"("method":"notifications/progress")"),
                    HasSubstr(R"("progressToken":"t\"1")"), HasSubstr(R"("progress":0)"),
                    HasSubstr(R"("total":30)"), HasSubstr("waiting for idle: 1 of 0 slots")));
  EXPECT_EQ(LookAfter(Server::kBetweenLooks), "");
  EXPECT_THAT(LookAfter(Server::kBetweenProgress), HasSubstr(R"("progress":6)"));
}

TEST_F(ServerTest, CancelledCallIsNotAnswered) {
  office_.busy = true;
  Wait("\"a\"");
  Wait("2");
  Say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  Say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})");
  office_.busy = false;
  EXPECT_THAT(LookAfter(Server::kBetweenLooks),
              AllOf(HasSubstr("\"id\":2,"), Not(HasSubstr("\"id\":\"a\""))));
  EXPECT_EQ(server_.NextLook(), BootTime::InfiniteFuture());
}

TEST_F(ServerTest, BatchIsAnsweredWhenTheLastOfItIs) {
  Initialize("2025-03-26");
  office_.busy = true;
  const std::string wait =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_until",)"
      R"("arguments":{"condition":"idle"}}})";
  EXPECT_EQ(Say("[" + wait + R"(,{"jsonrpc":"2.0","id":2,"method":"ping"}])"), "");
  office_.busy = false;
  EXPECT_THAT(LookAfter(Server::kBetweenLooks),
              AllOf(StartsWith(R"([{"jsonrpc":"2.0","id":2,"result":{}},{)"), HasSubstr("\"id\":1"),
                    ::testing::EndsWith("]\n")));
  office_.busy = true;
  Say("[" + wait + R"(,{"jsonrpc":"2.0","id":2,"method":"ping"}])");
  EXPECT_EQ(Say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"),
            "[{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}]\n");
}

TEST_F(ServerTest, CallsThatWaitAreBounded) {
  office_.busy = true;
  for (size_t i = 0; i < Server::kWaitingMax; ++i) EXPECT_EQ(Wait(absl::StrCat(i)), "");
  EXPECT_THAT(Wait("100"), HasSubstr("\"isError\":true"));
}

TEST_F(ServerTest, WaitGoesOnWhileTheDaemonIsAwayButDoesNotBeginThen) {
  office_.error = absl::UnavailableError("no daemon");
  EXPECT_THAT(Wait("1"), HasSubstr("\"isError\":true"));
  office_.error = absl::OkStatus();
  office_.busy = true;
  EXPECT_EQ(Wait("2"), "");
  office_.error = absl::UnavailableError("no daemon");
  EXPECT_EQ(LookAfter(Server::kBetweenLooks), "");
  office_.error = absl::OkStatus();
  office_.busy = false;
  EXPECT_THAT(LookAfter(Server::kBetweenLooks), HasSubstr("REACHED"));
}

TEST_F(ServerTest, WhatIsNoConditionIsAResultThatSaysWhatIs) {
  for (const char* arguments :
       {"{}", R"({"condition":""})", R"({"condition":"rain"})", R"({"condition":"5h<80%"})",
        R"({"condition":"slot","account":"none"})", R"({"condition":"slot","seconds":-1})",
        R"({"condition":"slot","else":1})"}) {
    EXPECT_THAT(Wait("1", "", arguments), HasSubstr("\"isError\":true")) << arguments;
  }
  EXPECT_THAT(Wait("1", "", R"({"condition":"rain"})"), HasSubstr("slot, reset, idle"));
}

}  // namespace
}  // namespace zbroker::agents
