#include "shims/init/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::init {
namespace {

using ::testing::ElementsAre;
using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class QuestionsTest : public ::testing::Test {
 protected:
  // A person who types these lines and then no more.
  absl::StatusOr<Choices> Answer(std::deque<std::string> lines, const CommandLine& line = {}) {
    asked_.clear();
    return Choose(line, facts_, [&](absl::string_view question) -> std::optional<std::string> {
      absl::StrAppend(&asked_, question, "\n");
      if (lines.empty()) return std::nullopt;
      std::string next = lines.front();
      lines.pop_front();
      return next;
    });
  }
  absl::StatusOr<Choices> ByFlags(CommandLine line) { return Choose(line, facts_, nullptr); }

  Facts facts_{.time = absl::FromCivil(absl::CivilSecond(2026, 8, 20), absl::UTCTimeZone()),
               .zone = absl::UTCTimeZone()};
  std::string asked_;
};

TEST_F(QuestionsTest, FewAreAskedAndTheGenerationFollowsFromTheDate) {
  const auto choices = Answer({"Pro", "2026-03-01", "", ""});
  ASSERT_OK(choices);
  EXPECT_EQ(choices->plan, "pro");
  EXPECT_EQ(choices->generation, "v2");
  EXPECT_EQ(choices->purchased, "2026-03-01");
  EXPECT_EQ(choices->upstream, "https://api.z.ai/api/anthropic");
  EXPECT_FALSE(choices->meter);
  EXPECT_THAT(choices->tools, IsEmpty());
}

TEST_F(QuestionsTest, GenerationIsAskedForWhenTheDateIsNotKnown) {
  const auto choices = Answer({"lite", "", "v1", "bigmodel", "y"});
  ASSERT_OK(choices);
  EXPECT_EQ(choices->generation, "v1");
  EXPECT_EQ(choices->purchased, std::nullopt);
  EXPECT_EQ(choices->upstream, "https://open.bigmodel.cn/api/anthropic");
  EXPECT_TRUE(choices->meter);
}

TEST_F(QuestionsTest, WrongAnswerIsSaidAndAskedForAgain) {
  ASSERT_OK(Answer({"", "prro", "pro", "2027-01-01", "2026-08-01", "", ""}));
  EXPECT_THAT(asked_, HasSubstr("no plan \"prro\"; did you mean pro?"));
  EXPECT_THAT(asked_, HasSubstr("\"2027-01-01\" is in the future"));
}

TEST_F(QuestionsTest, AnswersThatEndOrAreNeverOfUseEndIt) {
  EXPECT_THAT(Answer({"pro"}),
              Fails(absl::StatusCode::kCancelled, HasSubstr("nothing is written")));
  EXPECT_THAT(Answer(std::deque<std::string>(100, "gold")),
              Fails(absl::StatusCode::kCancelled,
                    HasSubstr("the last try: there is no plan \"gold\"; expected lite, pro, max")));
}

TEST_F(QuestionsTest, ToolIsKnownByTheNameOfItsProgramToo) {
  facts_.tools = {"claude", "continue"};
  facts_.gateway_runs = true;
  const auto choices = Answer({"pro", "2026-08-01", "", "", "cn"});
  ASSERT_OK(choices);
  EXPECT_THAT(choices->tools, ElementsAre("continue"));
  EXPECT_THAT(asked_, HasSubstr("Found here: claude, continue (cn)."));
}

TEST_F(QuestionsTest, WhatFlagsSayIsNotAsked) {
  CommandLine line;
  line.plan = "max";
  line.purchased = "2026-08-01";
  line.upstream = "http://127.0.0.1:9/x/";
  line.meter = true;
  const auto choices = Answer({}, line);
  ASSERT_OK(choices);
  EXPECT_EQ(choices->upstream, "http://127.0.0.1:9/x");
  EXPECT_EQ(choices->generation, "v3");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(QuestionsTest, WhereNobodyIsAskedItSaysWhichFlagsAreNeeded) {
  EXPECT_THAT(ByFlags({}),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("--plan lite, pro")));
  CommandLine yes;
  yes.yes = true;
  EXPECT_THAT(Answer({"pro"}, yes), HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(QuestionsTest, FlagsThatAreWrongAreRefused) {
  CommandLine line;
  line.plan = "prro";
  EXPECT_THAT(ByFlags(line),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean pro?")));
  line.plan = "pro";
  line.upstream = "bigmodl";
  EXPECT_THAT(ByFlags(line),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean bigmodel?")));
  line.upstream = "ftp://x";
  EXPECT_THAT(ByFlags(line), HasCode(absl::StatusCode::kInvalidArgument));
  line.upstream.reset();
  line.generation = "v4";
  EXPECT_THAT(ByFlags(line), HasCode(absl::StatusCode::kInvalidArgument));
  line.generation.reset();
  line.tools = "claud";
  facts_.tools = {"claude", "codex"};
  EXPECT_THAT(ByFlags(line),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean claude?")));
  line.tools = "";
  line.plan = "none";
  line.purchased = "2026-08-01";
  EXPECT_THAT(ByFlags(line),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("without a plan")));
}

TEST_F(QuestionsTest, UpstreamIsNotGuessedWhereNobodyHasSeenIt) {
  CommandLine line;
  line.plan = "pro";
  auto choices = ByFlags(line);
  ASSERT_OK(choices);
  EXPECT_EQ(choices->upstream, std::nullopt);
  EXPECT_THAT(choices->remarks, ElementsAre(HasSubstr("no upstream is written")));
  facts_.upstream_of_tools = "https://open.bigmodel.cn/api/anthropic";
  EXPECT_EQ(ByFlags(line)->upstream, facts_.upstream_of_tools);
}

TEST_F(QuestionsTest, GenerationThatDoesNotFitTheDateIsWrittenWithARemark) {
  CommandLine line;
  line.plan = "pro";
  line.generation = "V1";
  line.purchased = "2026-08-01";
  line.upstream = "zai";
  const auto choices = ByFlags(line);
  ASSERT_OK(choices);
  EXPECT_EQ(choices->generation, "v1");
  EXPECT_THAT(choices->remarks, ElementsAre(HasSubstr("is v3 by its date")));
}

TEST_F(QuestionsTest, WhatTheFileSaysIsProposedAndStays) {
  facts_.now = {.plan = "max", .generation = "v1", .purchased = "2026-01-01", .meter = true};
  auto choices = Answer({"", "", ""});
  ASSERT_OK(choices);
  EXPECT_THAT(asked_, HasSubstr("none of them? [max]"));
  EXPECT_THAT(asked_, HasSubstr("[2026-01-01]"));
  EXPECT_EQ(choices->plan, "max");
  EXPECT_EQ(choices->generation, "v1");
  EXPECT_TRUE(choices->meter);
  // The file has a date, and no generation.
  facts_.now.generation.reset();
  EXPECT_EQ(Answer({"", "", ""})->generation, "v1");
}

TEST_F(QuestionsTest, ToolsAreAskedForWhereAGatewayRuns) {
  facts_.tools = {"claude", "codex"};
  EXPECT_THAT(Answer({"none", "", ""})->tools, IsEmpty());
  EXPECT_THAT(asked_, Not(HasSubstr("claude")));
  facts_.gateway_runs = true;
  EXPECT_THAT(Answer({"none", "", "", "codex, claude codex"})->tools,
              ElementsAre("codex", "claude"));
  EXPECT_THAT(Answer({"none", "", "", "all"})->tools, ElementsAre("claude", "codex"));
  EXPECT_THAT(Answer({"none", "", "", ""})->tools, IsEmpty());
}

}  // namespace
}  // namespace zbroker::init
