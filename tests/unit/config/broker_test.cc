// The [broker] table, and the default account.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::BrokerConfig;

TEST(EmptyConfigTest, EmptyTextGivesTheDefaults) { EXPECT_EQ(Parse(""), BrokerConfig::Defaults()); }

TEST(EmptyConfigTest, CommentsAloneGiveTheDefaults) {
  EXPECT_EQ(Parse("# nothing\n\n  # here\n"), BrokerConfig::Defaults());
}

TEST(EmptyConfigTest, EmptyTablesGiveTheDefaults) {
  EXPECT_EQ(Parse("[broker]\n[account]\n"), BrokerConfig::Defaults());
}

TEST(EmptyConfigTest, AByteOrderMarkIsIgnored) {
  EXPECT_EQ(Parse("\xEF\xBB\xBF[broker]\r\n"), BrokerConfig::Defaults());
}

TEST(BrokerTableTest, EveryKeyIsTaken) {
  BrokerConfig expected = BrokerConfig::Defaults();
  expected.queue_max = 500;
  expected.age_after = absl::Seconds(45);
  expected.reclaim_grace = absl::Seconds(30);
  expected.unclean_hold = absl::Milliseconds(250);
  expected.retention = absl::Hours(24 * 7);
  EXPECT_EQ(Parse("[broker]\n"
                  "default_account = \"default\"\n"
                  "queue_max = 500\n"
                  "age_after = \"45s\"\n"
                  "shadow = false\n"
                  "projects = true\n"
                  "reclaim_grace = \"30s\"\n"
                  "unclean_hold = \"250ms\"\n"
                  "retention = \"7d\"\n"),
            expected);
}

TEST(BrokerTableTest, BoundsThemselvesAreTaken) {
  const BrokerConfig smallest =
      Parse("broker = {queue_max = 1, reclaim_grace = \"0s\", retention = \"1h\"}");
  EXPECT_EQ(smallest.queue_max, 1u);
  EXPECT_EQ(smallest.reclaim_grace, absl::ZeroDuration());
  EXPECT_EQ(smallest.retention, absl::Hours(1));
  const BrokerConfig largest =
      Parse("broker = {queue_max = 1000000, unclean_hold = \"1m\", retention = \"3650d\"}");
  EXPECT_EQ(largest.queue_max, 1'000'000u);
  EXPECT_EQ(largest.unclean_hold, absl::Minutes(1));
  EXPECT_EQ(largest.retention, absl::Hours(24 * 3650));
}

TEST(BrokerTableTest, QueueMaxBelowItsBoundIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = -1\n"),
            "zb.toml:2: broker.queue_max: found -1; expected an integer from 1 to 1000000");
}

TEST(BrokerTableTest, QueueMaxAboveItsBoundIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = 1_000_001\n"),
            "zb.toml:2: broker.queue_max: found 1000001; expected an integer from 1 to 1000000");
}

TEST(BrokerTableTest, QueueMaxBeyondAnIntIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = 4294967297\n"),
            "zb.toml:2: broker.queue_max: found 4294967297; expected an integer from 1 to 1000000");
}

TEST(BrokerTableTest, AgeAfterOutOfItsBoundsIsRefused) {
  for (const char* text : {"0s", "25h"}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("[broker]\nage_after = \"", text, "\"\n")),
              absl::StrCat("zb.toml:2: broker.age_after: found \"", text,
                           "\"; expected a duration from \"1s\" to \"1d\""));
  }
}

TEST(ProjectsTest, AreRecordedUnlessSomebodySaysNot) {
  EXPECT_TRUE(Parse("").accounts.at(0).projects);
  EXPECT_FALSE(Parse("[broker]\nprojects = false\n").accounts.at(0).projects);
  EXPECT_FALSE(Parse("[account.a]\n[broker]\nprojects = false\n").accounts.at(0).projects);
}

TEST(ShadowTest, IsOffByDefault) { EXPECT_FALSE(Parse("").accounts.at(0).shadow); }

TEST(ShadowTest, OfTheBrokerIsThatOfAllAccounts) {
  EXPECT_TRUE(Parse("[broker]\nshadow = true\n").accounts.at(0).shadow);
  EXPECT_TRUE(Parse("[account.a]\n[broker]\nshadow = true\n").accounts.at(0).shadow);
}

TEST(ShadowTest, AnAccountDecidesForItself) {
  const BrokerConfig config = Parse(
      "[broker]\nshadow = true\ndefault_account = \"a\"\n"
      "[account.a]\nshadow = false\n[account.b]\n");
  EXPECT_FALSE(config.accounts.at(0).shadow);
  EXPECT_TRUE(config.accounts.at(1).shadow);
}

TEST(ShadowTest, IsTrueOrFalse) {
  EXPECT_EQ(ErrorOf("[broker]\nshadow = \"on\"\n"),
            "zb.toml:2: broker.shadow: found \"on\"; expected true or false");
  EXPECT_EQ(ErrorOf("[account.a]\nshadow = 1\n"),
            "zb.toml:2: account.a.shadow: found 1; expected true or false");
}

TEST(BrokerTableTest, ReclaimGraceBeyondAnHourIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nreclaim_grace = \"61m\"\n"),
            "zb.toml:2: broker.reclaim_grace: found \"61m\"; "
            "expected a duration from \"0s\" to \"1h\"");
}

TEST(BrokerTableTest, UncleanHoldBeyondAMinuteIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nunclean_hold = \"61s\"\n"),
            "zb.toml:2: broker.unclean_hold: found \"61s\"; "
            "expected a duration from \"0s\" to \"1m\"");
}

TEST(BrokerTableTest, RetentionBelowAnHourIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nretention = \"59m\"\n"),
            "zb.toml:2: broker.retention: found \"59m\"; "
            "expected a duration from \"1h\" to \"3650d\"");
}

TEST(DurationTest, TextThatIsNoDurationIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nretention = \"a year\"\n"),
            "zb.toml:2: broker.retention: found \"a year\"; "
            "expected a duration from \"1h\" to \"3650d\"");
}

TEST(DurationTest, ANumberWithoutAUnitIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nreclaim_grace = 10\n"),
            "zb.toml:2: broker.reclaim_grace: found 10; "
            "expected a duration from \"0s\" to \"1h\"");
}

TEST(DurationTest, ANegativeLengthIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nreclaim_grace = \"-1s\"\n"),
            "zb.toml:2: broker.reclaim_grace: found \"-1s\"; "
            "expected a duration from \"0s\" to \"1h\"");
}

TEST(DurationTest, AnInfiniteLengthIsRefused) {
  EXPECT_EQ(ErrorOf("[broker]\nretention = \"inf\"\n"),
            "zb.toml:2: broker.retention: found \"inf\"; "
            "expected a duration from \"1h\" to \"3650d\"");
}

TEST(DefaultAccountTest, IsTheOneThatIsNamed) {
  EXPECT_EQ(Parse("[broker]\ndefault_account = \"b\"\n[account.a]\n[account.b]\n").default_account,
            "b");
}

TEST(DefaultAccountTest, IsElseTheOneCalledDefault) {
  EXPECT_EQ(Parse("[account.a]\n[account.default]\n").default_account, "default");
}

TEST(DefaultAccountTest, IsElseTheOnlyOne) {
  EXPECT_EQ(Parse("[account.glm]\n").default_account, "glm");
}

TEST(DefaultAccountTest, MustBeNamedAmongSeveralOthers) {
  EXPECT_EQ(ErrorOf("\n[account.b]\n[account.a]\n"),
            "zb.toml:2: broker.default_account: missing, and no account is called \"default\"; "
            "expected b or a");
}

TEST(DefaultAccountTest, MustExist) {
  EXPECT_EQ(ErrorOf("[broker]\ndefault_account = \"c\"\n[account.a]\n[account.b]\n"),
            "zb.toml:2: broker.default_account: no account is called \"c\"; expected a or b");
}

TEST(DefaultAccountTest, MustExistAlsoWhereThereAreNoAccounts) {
  EXPECT_EQ(ErrorOf("[broker]\ndefault_account = \"a\"\n"),
            "zb.toml:2: broker.default_account: no account is called \"a\"; expected default");
}

TEST(DefaultAccountTest, MustBeAName) {
  EXPECT_EQ(ErrorOf("[account.a]\n[account.b]\n[broker]\ndefault_account = \"a b\"\n"),
            absl::StrCat("zb.toml:4: broker.default_account: found \"a b\"; expected a name: ",
                         kNameRule));
}

}  // namespace
}  // namespace zbroker::config
