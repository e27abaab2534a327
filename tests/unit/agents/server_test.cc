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
    status.add_accounts()->set_name("default");
    return status;
  }
  Experience Recall(const std::string&) override { return {}; }

  absl::Status error;
};

class ServerTest : public ::testing::Test {
 protected:
  std::string Say(absl::string_view line) {
    server_.Take(line);
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
  for (const char* tool : {"budget", "preflight"}) {
    EXPECT_THAT(
        Call(tool, tool[0] == 'b' ? "{}" : R"({"prompts":1})"),
        AllOf(StartsWith(R"({"jsonrpc":"2.0","id":7,"result")"), HasSubstr(R"("isError":true)"),
              HasSubstr("no daemon"), HasSubstr("zctl doctor")));
  }
}

}  // namespace
}  // namespace zbroker::agents
