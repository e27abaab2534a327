#include "shims/meter/teller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::meter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using RoundState = Reader::Round::State;

class TellerTest : public ::testing::Test {
 protected:
  std::vector<std::string> Tell(const Reader::Round& round, const std::string& advice = "") {
    std::vector<std::string> texts;
    for (const Teller::Line& line : teller_.Tell(round, advice)) {
      texts.push_back((line.is_warning ? "W " : "I ") + line.text);
    }
    return texts;
  }

  Teller teller_{false};
};

TEST_F(TellerTest, FirstReadingIsToldAndThoseLikeItAreNot) {
  EXPECT_THAT(Tell({.state = RoundState::kRead, .words = "61 %"}), ElementsAre("I 61 %"));
  EXPECT_THAT(Tell({.state = RoundState::kRead, .words = "62 %"}), IsEmpty());
  EXPECT_THAT(Tell({.state = RoundState::kNotAsked, .words = "early"}), IsEmpty());
}

TEST_F(TellerTest, WallThatIsLiftedIsToldAlsoLater) {
  Tell({.state = RoundState::kRead, .words = "61 %"});
  EXPECT_THAT(Tell({.state = RoundState::kRead, .words = "0 %; lifted", .lifted = {v1::Block()}}),
              ElementsAre("I 0 %; lifted"));
}

TEST_F(TellerTest, TroubleIsToldOnceAndItsEndToo) {
  EXPECT_THAT(Tell({.state = RoundState::kNoDaemon, .words = "none"}), ElementsAre("W none"));
  EXPECT_THAT(Tell({.state = RoundState::kNoDaemon, .words = "none"}), IsEmpty());
  EXPECT_THAT(Tell({.state = RoundState::kRead, .words = "61 %"}), ElementsAre("I 61 %"));
  EXPECT_THAT(Tell({.state = RoundState::kTrouble, .words = "none"}), ElementsAre("W none"));
  EXPECT_THAT(Tell({.state = RoundState::kRead, .words = "61 %"}), ElementsAre("I 61 %"));
}

TEST_F(TellerTest, AdviceIsToldWhenItChanges) {
  const Reader::Round read{.state = RoundState::kRead, .words = "61 %"};
  EXPECT_THAT(Tell(read, "plan"), ElementsAre("I 61 %", "W plan"));
  EXPECT_THAT(Tell(read, "plan"), IsEmpty());
  EXPECT_THAT(Tell(read), IsEmpty());
  EXPECT_THAT(Tell(read, "plan"), ElementsAre("W plan"));
}

TEST(QuietTellerTest, SaysOnlyWhatIsWrong) {
  Teller quiet(true);
  EXPECT_TRUE(quiet.Tell({.state = RoundState::kRead, .words = "61 %"}, "").empty());
  EXPECT_EQ(quiet.Tell({.state = RoundState::kTrouble, .words = "x"}, "").size(), 1u);
}

}  // namespace
}  // namespace zbroker::meter
