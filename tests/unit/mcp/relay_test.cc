#include "shims/mcp/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/bounds.h"
#include "tests/testing/fake_clock.h"

namespace zbroker::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using How = Release::How;

std::string Call(absl::string_view id, absl::string_view tool = "search") {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"method":"tools/call","params":)",
                      R"({"name":")", tool, R"("}})", "\n");
}
std::string CallWithToken(absl::string_view id, absl::string_view token) {
  return absl::StrCat(R"({"id":)", id, R"(,"method":"tools/call","params":{"name":"search",)",
                      R"("_meta":{"progressToken":)", token, "}}}\n");
}
std::string Answer(absl::string_view id, absl::string_view result = R"({"content":[]})") {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"result":)", result, "}\n");
}
std::string TextResult(absl::string_view text) {
  return absl::StrCat(R"({"content":[{"type":"text","text":")", text, R"("}],"isError":true})");
}
std::string Cancel(absl::string_view id) {
  return absl::StrCat(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)",
                      R"("params":{"requestId":)", id, "}}\n");
}

class RelayTest : public ::testing::Test {
 protected:
  // One line for each action.
  std::vector<std::string> Told(const Actions& actions) {
    std::vector<std::string> told;
    for (const Action& action : actions) {
      told.push_back(std::visit([this](const auto& one) { return Tell(one); }, action));
    }
    return told;
  }
  std::vector<std::string> FromClient(std::string line) {
    return Told(relay_.FromClient({std::move(line)}, clock_.Read()));
  }
  std::vector<std::string> FromServer(std::string line) {
    return Told(relay_.FromServer({std::move(line)}, clock_.Read()));
  }
  std::vector<std::string> Grant(CallId call) { return Told(relay_.Granted(call, clock_.Read())); }
  std::vector<std::string> Tick(absl::Duration later) {
    clock_.Advance(later);
    return Told(relay_.Tick(clock_.Read().boot));
  }
  // A call that has its lease and was sent.
  CallId Sent(absl::string_view id) {
    FromClient(Call(id));
    const CallId call = last_asked_;
    Grant(call);
    return call;
  }

  std::string Tell(const ToServer& one) { return absl::StrCat("server ", one.bytes); }
  std::string Tell(const ToClient& one) {
    return absl::StrCat(one.own ? "own " : "client ", one.bytes);
  }
  std::string Tell(const EndServerInput&) { return "end"; }
  std::string Tell(const Ask& one) {
    last_asked_ = one.call;
    return absl::StrCat("ask ", one.call, " ", one.tool, one.calls == 1 ? "" : " × ",
                        one.calls == 1 ? "" : absl::StrCat(one.calls));
  }
  std::string Tell(const Withdraw& one) { return absl::StrCat("withdraw ", one.call); }
  std::string Tell(const Release& one) {
    constexpr const char* kHow[] = {"answered", "unused", "cancelled", "unanswered", "gone"};
    verdict_ = one.verdict;
    return absl::StrCat("release ", one.call, " ", kHow[static_cast<int>(one.how)]);
  }

  testing::FakeClock clock_;
  Relay relay_{Terms{.tools = {"search*"}}};
  CallId last_asked_ = 0;
  zai::Verdict verdict_;
};

TEST_F(RelayTest, WhatIsNoCallOfATermsToolPassesAtOnceAsItIs) {
  for (const std::string line :
       {"{\"id\":1,\"method\":\"initialize\"}\r\n", "\n", "garbage\n", "[]\n",
        "{\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"other\"}}\n",
        "{\"id\":5,\"result\":{}}\n"}) {
    EXPECT_THAT(FromClient(line), ElementsAre("server " + line));
  }
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("client " + Answer("1")));
  EXPECT_EQ(relay_.due(), BootTime::InfiniteFuture());
}

TEST_F(RelayTest, CallIsKeptUntilItsLeaseAndItsAnswerEndsThat) {
  EXPECT_THAT(FromClient(Call("1")), ElementsAre("ask 1 search"));
  EXPECT_THAT(FromClient("{\"id\":2,\"method\":\"ping\"}\n"),
              ElementsAre("server {\"id\":2,\"method\":\"ping\"}\n"))
      << "what comes after it does not wait";
  EXPECT_THAT(Grant(1), ElementsAre("server " + Call("1")));
  EXPECT_THAT(FromServer(Answer("2")), ElementsAre("client " + Answer("2")));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("release 1 answered", "client " + Answer("1")));
  EXPECT_EQ(verdict_.signal, zai::Signal::kNone);
}

TEST_F(RelayTest, IdsOfAllTypesAreMatchedAsTheyAre) {
  for (const std::string id : {"0", "\"0\"", "-3", "1.5", "\"\\u00e9\""}) {
    const CallId call = Sent(id);
    EXPECT_THAT(FromServer(Answer(id)),
                ElementsAre(absl::StrCat("release ", call, " answered"), "client " + Answer(id)));
  }
  Sent("1");
  EXPECT_THAT(FromServer(Answer("\"1\"")), ElementsAre("client " + Answer("\"1\"")));
}

TEST_F(RelayTest, ServersOwnRequestIsNoAnswer) {
  Sent("1");
  const std::string request = "{\"id\":1,\"method\":\"sampling/createMessage\"}\n";
  EXPECT_THAT(FromServer(request), ElementsAre("client " + request));
  EXPECT_THAT(FromClient(Answer("1")), ElementsAre("server " + Answer("1")));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("release 1 answered", "client " + Answer("1")));
}

TEST_F(RelayTest, UpstreamsErrorInAResultIsTheVerdict) {
  Sent("1");
  FromServer(Answer(
      "1", TextResult(R"(MCP error -429: {\"error\":{\"code\":\"1302\",\"message\":\"Rate\"}})")));
  EXPECT_EQ(verdict_.signal, zai::Signal::kThrottle);
  EXPECT_EQ(verdict_.code, "1302");
}

TEST_F(RelayTest, WhatAToolWroteIsNotKept) {
  Sent("1");
  FromServer(Answer("1", TextResult("no such file: /home/me/secret")));
  EXPECT_EQ(verdict_.signal, zai::Signal::kClient);
  EXPECT_THAT(verdict_.message, IsEmpty());
}

TEST_F(RelayTest, ErrorIsAnAnswer) {
  Sent("1");
  const std::string error =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no\"}}\n";
  EXPECT_THAT(FromServer(error), ElementsAre("release 1 answered", "client " + error));
  EXPECT_EQ(verdict_.signal, zai::Signal::kClient);
}

TEST_F(RelayTest, SecondAnswerPasses) {
  Sent("1");
  FromServer(Answer("1"));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("client " + Answer("1")));
}

TEST_F(RelayTest, CallsOfOneIdHaveALeaseEachAndEndInTheirOrder) {
  const CallId first = Sent("1");
  const CallId second = Sent("1");
  EXPECT_THAT(FromServer(Answer("1")),
              ElementsAre(absl::StrCat("release ", first, " answered"), "client " + Answer("1")));
  EXPECT_THAT(FromServer(Answer("1")),
              ElementsAre(absl::StrCat("release ", second, " answered"), "client " + Answer("1")));
}

TEST_F(RelayTest, CallThatIsAnsweredWhileItIsKeptIsDropped) {
  FromClient(Call("1"));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("withdraw 1", "client " + Answer("1")));
  EXPECT_THAT(Grant(1), ElementsAre("release 1 unused")) << "a grant that crossed it";
}

TEST_F(RelayTest, CancelledCallThatIsKeptNeverReachesTheServerNorDoesItsCancellation) {
  FromClient(Call("\"a\""));
  EXPECT_THAT(FromClient(Cancel("\"b\"")), ElementsAre("server " + Cancel("\"b\"")));
  EXPECT_THAT(FromClient(Cancel("\"a\"")), ElementsAre("withdraw 1"));
  EXPECT_EQ(relay_.due(), BootTime::InfiniteFuture());
}

TEST_F(RelayTest, CancellationOfACallUnderWayPassesAndEndsItsLease) {
  Sent("1");
  EXPECT_THAT(FromClient(Cancel("1")), ElementsAre("release 1 cancelled", "server " + Cancel("1")));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("client " + Answer("1"))) << "it may come yet";
}

TEST_F(RelayTest, BatchHasOneLeaseUntilItsLastCallIsAnswered) {
  const std::string batch =
      "[{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"search_a\"}},"
      "{\"id\":2,\"method\":\"ping\"},"
      "{\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"search_b\"}}]\n";
  EXPECT_THAT(FromClient(batch), ElementsAre("ask 1 search_a × 2"));
  EXPECT_THAT(Grant(1), ElementsAre("server " + batch));
  const std::string first =
      R"([{"id":3,"result":{"content":[{"type":"text","text":"MCP error -429: {\"error\":)"
      R"({\"code\":\"1302\",\"message\":\"m\"}}"}]}},{"id":2,"result":{}}])"
      "\n";
  EXPECT_THAT(FromServer(first), ElementsAre("client " + first));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("release 1 answered", "client " + Answer("1")));
  EXPECT_EQ(verdict_.signal, zai::Signal::kThrottle) << "of any of its answers";
}

TEST_F(RelayTest, RefusedBatchIsAnsweredInFull) {
  FromClient(
      "[{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"search\"}},"
      "{\"method\":\"notifications/x\"},{\"id\":2,\"method\":\"ping\"}]\n");
  const auto told = Told(relay_.Refused(1, "no"));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0], StartsWith("own [{"));
  EXPECT_THAT(told[0], HasSubstr("\"id\":1,\"result\""));
  EXPECT_THAT(told[0], HasSubstr("\"id\":2,\"error\""));
}

TEST_F(RelayTest, WaitTellsOfItselfAsProgressThatGrows) {
  FromClient(CallWithToken("1", "\"t\""));
  relay_.SetState(1, "position 3");
  EXPECT_EQ(relay_.due(), clock_.Read().boot + Relay::kSilence);
  const auto first = Tick(Relay::kSilence);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_THAT(first[0], HasSubstr(R"("progressToken":"t","progress":-1,"message":"position 3")"));
  EXPECT_THAT(Tick(absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(Tick(absl::Seconds(9)), ElementsAre(HasSubstr(R"("progress":-0.5,)")));
  Grant(1);
  EXPECT_THAT(Tick(absl::Seconds(10)), IsEmpty()) << "it is the server's turn";
}

TEST_F(RelayTest, CallWithoutATokenWaitsInSilence) {
  FromClient(Call("1"));
  EXPECT_THAT(Tick(absl::Seconds(30)), IsEmpty());
}

TEST_F(RelayTest, CallThatHasNoLeaseInTimeIsRefusedWithWhatItWaitedFor) {
  FromClient(Call("1"));
  relay_.SetState(1, "waiting for a slot: all 2 are taken");
  const auto told = Tick(absl::Seconds(40));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], "withdraw 1");
  EXPECT_THAT(told[1], StartsWith("own "));
  EXPECT_THAT(told[1], HasSubstr("all 2 are taken"));
  EXPECT_THAT(told[1], HasSubstr("\"isError\":true"));
  EXPECT_EQ(relay_.due(), BootTime::InfiniteFuture());
}

TEST_F(RelayTest, LeaseOfACallThatIsNeverAnsweredEnds) {
  Sent("1");
  EXPECT_THAT(Tick(absl::Minutes(14)), IsEmpty());
  EXPECT_THAT(Tick(absl::Minutes(1)), ElementsAre("release 1 unanswered"));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("client " + Answer("1")));
}

TEST_F(RelayTest, TooManyOpenCallsAreRefusedAtOnce) {
  for (size_t i = 0; i < kMcpCallsMax; ++i) FromClient(Call(absl::StrCat(i)));
  EXPECT_THAT(FromClient(Call("\"more\"")), ElementsAre(HasSubstr("too many calls")));
  FromClient(Cancel("0"));
  EXPECT_THAT(FromClient(Call("\"more\"")), ElementsAre(StartsWith("ask ")));
}

TEST_F(RelayTest, CallsThatWaitAreBoundedInBytes) {
  Relay small(Terms{.tools = {"search*"}, .waiting_bytes_max = 2 * Call("1").size()});
  const auto call = [&] { return Told(small.FromClient({Call("1")}, clock_.Read())); };
  call();
  call();
  EXPECT_THAT(call(), ElementsAre(HasSubstr("too many calls")));
  small.Granted(1, clock_.Read());
  EXPECT_THAT(call(), ElementsAre(StartsWith("ask ")));
}

TEST_F(RelayTest, NothingStandsInsideALongLineToTheServer) {
  FromClient(Call("1"));
  EXPECT_THAT(Told(relay_.FromClient({"long", false, false}, clock_.Read())),
              ElementsAre("server long"));
  EXPECT_THAT(Grant(1), IsEmpty());
  EXPECT_THAT(Told(relay_.FromClient({"er\n", false, true}, clock_.Read())),
              ElementsAre("server er\n", "server " + Call("1")));
}

TEST_F(RelayTest, NothingOfOursStandsInsideALongLineToTheClient) {
  FromClient(CallWithToken("1", "5"));
  relay_.FromServer({"long", false, false}, clock_.Read());
  EXPECT_THAT(Tick(absl::Seconds(2)), IsEmpty());
  EXPECT_THAT(Told(relay_.Refused(1, "no")), IsEmpty());
  EXPECT_GT(relay_.held_back_bytes(), 0u);
  EXPECT_THAT(Told(relay_.FromServer({"er\n", false, true}, clock_.Read())),
              ElementsAre("client er\n", HasSubstr("\"isError\":true")));
  EXPECT_EQ(relay_.held_back_bytes(), 0u);
}

TEST_F(RelayTest, LongLineOfTheServerEndsAllLeasesOnce) {
  Sent("1");
  Sent("2");
  EXPECT_THAT(Told(relay_.FromServer({"long", false, false}, clock_.Read())),
              ElementsAre("release 1 answered", "release 2 answered", "client long"));
  const CallId third = Sent("3");
  EXPECT_THAT(Told(relay_.FromServer({"er\n", false, true}, clock_.Read())),
              ElementsAre("client er\n"));
  EXPECT_THAT(FromServer(Answer("3")),
              ElementsAre(absl::StrCat("release ", third, " answered"), "client " + Answer("3")));
}

TEST_F(RelayTest, ServersInputEndsWhenNoCallIsKeptAnyMore) {
  FromClient(Call("1"));
  FromClient(Call("2"));
  EXPECT_THAT(Told(relay_.ClientInputEnded()), IsEmpty());
  EXPECT_THAT(Grant(1), ElementsAre("server " + Call("1")));
  EXPECT_THAT(Told(relay_.Refused(2, "no")), ElementsAre(StartsWith("own "), "end"));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("release 1 answered", "client " + Answer("1")))
      << "its answer is awaited all the same";
}

TEST_F(RelayTest, LastLineWithoutItsEndGoesLastAndAsItIs) {
  FromClient(Call("1"));
  EXPECT_THAT(Told(relay_.FromClient({"half", true, false}, clock_.Read())), IsEmpty());
  EXPECT_THAT(Told(relay_.ClientInputEnded()), IsEmpty());
  EXPECT_THAT(Grant(1), ElementsAre("server " + Call("1"), "server half", "end"));
}

TEST_F(RelayTest, CallWithoutItsLinesEndHasALeaseToo) {
  std::string call = Call("2");
  call.pop_back();
  FromClient(Call("1"));
  EXPECT_THAT(Told(relay_.FromClient({call, true, false}, clock_.Read())),
              ElementsAre("ask 2 search"));
  relay_.ClientInputEnded();
  EXPECT_THAT(Grant(2), IsEmpty()) << "it is the last";
  EXPECT_THAT(Grant(1), ElementsAre("server " + Call("1"), "server " + call, "end"));
  EXPECT_THAT(FromServer(Answer("2")), ElementsAre("release 2 answered", "client " + Answer("2")));
}

TEST_F(RelayTest, EndWithinALongLineDropsWhatIsKept) {
  FromClient(Call("1"));
  relay_.FromClient({"long", false, false}, clock_.Read());
  EXPECT_THAT(Told(relay_.ClientInputEnded()), ElementsAre("withdraw 1", "end"));
}

TEST_F(RelayTest, ClientThatIsGoneLeavesNothingWaiting) {
  Sent("1");
  FromClient(Call("2"));
  EXPECT_THAT(Told(relay_.ClientGone()), ElementsAre("withdraw 2", "end"));
  EXPECT_THAT(FromServer(Answer("1")), ElementsAre("release 1 answered", "client " + Answer("1")));
}

TEST_F(RelayTest, ServerThatIsGoneLeavesNoLease) {
  Sent("1");
  FromClient(Call("2"));
  EXPECT_THAT(Told(relay_.ServerGone()), ElementsAre("withdraw 2", "release 1 gone"));
  EXPECT_THAT(FromClient(Call("3")), ElementsAre("server " + Call("3"))) << "it answers nothing";
  EXPECT_THAT(Told(relay_.ClientInputEnded()), ElementsAre("end")) << "but may yet read";
}

TEST_F(RelayTest, WithoutTermsNothingIsRead) {
  Relay plain(Terms{.tools = {}});
  EXPECT_THAT(Told(plain.FromClient({Call("1")}, clock_.Read())),
              ElementsAre("server " + Call("1")));
  EXPECT_THAT(Told(plain.ClientInputEnded()), ElementsAre("end"));
}

TEST_F(RelayTest, CancellationThatEndsTheLastWaitEndsTheInput) {
  FromClient(Call("1"));
  std::string cancel = Cancel("1");
  cancel.pop_back();
  EXPECT_THAT(Told(relay_.FromClient({cancel, true, false}, clock_.Read())),
              ElementsAre("withdraw 1"));
  EXPECT_THAT(Told(relay_.ClientInputEnded()), ElementsAre("end"));
}

}  // namespace
}  // namespace zbroker::mcp
