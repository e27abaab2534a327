#include "client/zctl/words.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(WordsTest, WordIsTheNameWithoutItsPrefix) {
  EXPECT_EQ(Word(v1::KIND_MCP), "mcp");
  EXPECT_EQ(Word(v1::PRIORITY_BACKGROUND), "background");
  EXPECT_EQ(Word(v1::OUTCOME_THROTTLE), "throttle");
  EXPECT_EQ(Word(v1::GROUP_BY_HOUR), "hour");
}

TEST(WordsTest, UnspecifiedIsNoWord) { EXPECT_EQ(Word(v1::OUTCOME_UNSPECIFIED), ""); }

TEST(WordsTest, ValueOfANewerDaemonIsItsNumber) {
  EXPECT_EQ(Word(static_cast<v1::Outcome>(99)), "99");
}

TEST(WordsTest, EveryOutcomeCanBeParsed) {
  const auto* outcomes = v1::Outcome_descriptor();
  for (int i = 1; i < outcomes->value_count(); ++i) {
    const auto outcome = static_cast<v1::Outcome>(outcomes->value(i)->number());
    EXPECT_EQ(ParseOutcome(Word(outcome)), outcome);
  }
}

TEST(WordsTest, UnspecifiedCanNotBeParsed) {
  EXPECT_EQ(ParseOutcome("unspecified"), std::nullopt);
  EXPECT_EQ(ParseGroupBy(""), std::nullopt);
}

TEST(WordsTest, ListsWhatCanBeParsed) {
  EXPECT_EQ(GroupByWords(), "session, model, hour, outcome, project");
}

}  // namespace
}  // namespace zbroker::zctl
