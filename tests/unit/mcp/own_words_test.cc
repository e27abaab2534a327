#include "shims/mcp/own_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "client/broker/refusal.h"

namespace zbroker::mcp {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Message Request(Message::Kind kind, std::string id) {
  Message message;
  message.kind = kind;
  message.id = std::move(id);
  return message;
}

TEST(OwnWordsTest, RefusalIsAToolsResultThatIsAnError) {
  EXPECT_EQ(RefusalLine(false, {Request(Message::Kind::kCall, "\"a\"")}, "no \"slot\"\n"),
            R"({"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text",)"
            R"("text":"no \"slot\"\n"}],"isError":true}})"
            "\n");
}

TEST(OwnWordsTest, BatchIsAnsweredByABatch) {
  const std::string line = RefusalLine(
      true, {Request(Message::Kind::kCall, "1"), Request(Message::Kind::kRequest, "2")}, "no");
  EXPECT_THAT(line, StartsWith("[{"));
  EXPECT_THAT(line, EndsWith("}]\n"));
  EXPECT_THAT(line, HasSubstr(R"("id":1,"result":{"content")"));
  EXPECT_THAT(line, HasSubstr(R"("id":2,"error":{"code":-32000,"message":"no"})"));
}

TEST(OwnWordsTest, WallSaysUntilWhenAndWhatToDo) {
  v1::Refused refused;
  refused.set_code(8);
  refused.set_message("used up");
  refused.mutable_block()->set_reason(v1::BLOCK_REASON_WALL);
  refused.mutable_block()->mutable_until()->set_seconds(1'790'000'000);
  const std::string words = RefusalWords(broker::ToStatus(refused), absl::UTCTimeZone());
  EXPECT_THAT(words, HasSubstr("did not run this tool call: used up"));
  EXPECT_THAT(words, HasSubstr("Don't call again before 2026-09-21 14:13"));
}

TEST(OwnWordsTest, AdviceIsWhatTheRefusalCallsFor) {
  const auto words = [](const absl::Status& why) { return RefusalWords(why, absl::UTCTimeZone()); };
  EXPECT_THAT(words(absl::ResourceExhaustedError("the queue is full")),
              HasSubstr("the queue is full. Call again in a minute"));
  EXPECT_THAT(words(absl::UnavailableError("no daemon")), HasSubstr("zctl status"));
  EXPECT_THAT(words(absl::NotFoundError("no account x")), HasSubstr("does not help"));
}

TEST(OwnWordsTest, PatienceSaysWhatWasWaitedFor) {
  EXPECT_THAT(PatienceWords(absl::Seconds(40), "waiting for a slot: all 2 are taken; position 3"),
              HasSubstr("it waited for 40s, waiting for a slot: all 2 are taken; position 3"));
  EXPECT_THAT(PatienceWords(absl::Seconds(40), ""), HasSubstr("40s. Call"));
}

// The specification: progress must increase with each notification.
TEST(OwnWordsTest, ProgressGrowsAndStaysBelowWhatTheServerBeginsWith) {
  double last = -2;
  for (int number = 1; number <= 10'000; ++number) {
    const std::string line = ProgressLine("\"t\"", number, "waiting");
    const double progress = atof(line.substr(line.find("\"progress\":") + 11).c_str());
    ASSERT_GT(progress, last) << number;
    ASSERT_LT(progress, 0);
    last = progress;
  }
  EXPECT_EQ(ProgressLine("7", 2, "w"),
            R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,)"
            R"("progress":-0.5,"message":"w"}})"
            "\n");
}

}  // namespace
}  // namespace zbroker::mcp
