// Mistakes that can be made with any key.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

TEST(UnknownKeyTest, ANearMissGetsASuggestion) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_mx = 3\n"),
            "zb.toml:2: broker.queue_mx: unknown key; did you mean \"queue_max\"?");
}

TEST(UnknownKeyTest, AnyOtherInBrokerGetsTheList) {
  EXPECT_EQ(ErrorOf("[broker]\nport = 3\n"),
            "zb.toml:2: broker.port: unknown key; expected shadow, default_account, "
            "age_after, queue_max, reclaim_grace, unclean_hold, retention or projects");
}

TEST(UnknownKeyTest, IsFoundAtTheTop) {
  EXPECT_EQ(ErrorOf("limit = 3\n"),
            "zb.toml:1: limit: unknown key; expected account, broker, meter or hook");
}

TEST(UnknownKeyTest, IsFoundAmongTheTables) {
  EXPECT_EQ(ErrorOf("[accounts.a]\n"),
            "zb.toml:1: accounts: unknown key; did you mean \"account\"?");
}

TEST(UnknownKeyTest, IsFoundInAnAccount) {
  EXPECT_EQ(ErrorOf("[account.a]\nkey = \"secret\"\n"),
            "zb.toml:2: account.a.key: unknown key; expected plan, generation, purchased, "
            "upstream, shadow, slots, peak, pool, window, weight, rate, mcp_credits, schedule, "
            "background, priority or mcp");
}

TEST(UnknownKeyTest, IsFoundInSlots) {
  EXPECT_EQ(ErrorOf("[account.a.slots]\nqueue = 1\n"),
            "zb.toml:2: account.a.slots.queue: unknown key; expected limit, learn, min, max, "
            "reserve_interactive, reserve_outside, per_session or per_tree");
}

TEST(UnknownKeyTest, IsFoundInAWindow) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = 1\nweight = 1\n")),
            "zb.toml:5: account.a.window.weight: unknown key; "
            "expected name, unit, length, limit, kind, enforce, anchor, tz, pace or models");
}

TEST(UnknownKeyTest, IsShownWithoutControlCharacters) {
  EXPECT_EQ(ErrorOf("[broker]\n\"\\u001B[2J\" = 1\n"),
            "zb.toml:2: broker.\"\\x1b[2J\": unknown key; expected shadow, default_account, "
            "age_after, queue_max, reclaim_grace, unclean_hold, retention or projects");
}

TEST(WrongTypeTest, StringForAnInteger) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = \"9\"\n"),
            "zb.toml:2: broker.queue_max: found \"9\"; expected an integer from 1 to 1000000");
}

TEST(WrongTypeTest, FloatForAnInteger) {
  EXPECT_EQ(ErrorOf("[broker]\nqueue_max = 9.0\n"),
            "zb.toml:2: broker.queue_max: found 9.0; expected an integer from 1 to 1000000");
}

TEST(WrongTypeTest, BooleanForANumber) {
  EXPECT_EQ(
      ErrorOf(WithWindow("limit = true\n")),
      "zb.toml:4: account.a.window.limit: found true; expected a number from 0 to 1000000000");
}

TEST(WrongTypeTest, DateForADuration) {
  EXPECT_EQ(ErrorOf("[broker]\nretention = 2026-01-01\n"),
            "zb.toml:2: broker.retention: found a date or time; "
            "expected a duration from \"1h\" to \"3650d\"");
}

TEST(WrongTypeTest, IntegerForAChoice) {
  EXPECT_EQ(
      ErrorOf(WithWindow("enforce = 1\n")),
      "zb.toml:4: account.a.window.enforce: found 1; expected \"hard\", \"probe\" or \"off\"");
}

TEST(WrongTypeTest, ArrayForAName) {
  EXPECT_EQ(ErrorOf("[broker]\ndefault_account = [\"a\"]\n"),
            absl::StrCat("zb.toml:2: broker.default_account: found an array; expected a name: ",
                         kNameRule));
}

TEST(WrongTypeTest, ValueForATable) {
  EXPECT_EQ(ErrorOf("broker = 1\n"), "zb.toml:1: broker: found 1; expected a table, [broker]");
}

TEST(WrongTypeTest, ValueForAnAccount) {
  EXPECT_EQ(ErrorOf("[account]\nlimit = 3\n"),
            "zb.toml:2: account.limit: found 3; expected a table, [account.limit]");
}

TEST(WrongTypeTest, ArrayOfTablesForATable) {
  EXPECT_EQ(ErrorOf("[[account.a.slots]]\n"),
            "zb.toml:1: account.a.slots: found an array; expected a table, [account.a.slots]");
}

TEST(WrongTypeTest, TableForAnArrayOfTables) {
  EXPECT_EQ(ErrorOf("[account.a]\n[account.a.window]\n"),
            "zb.toml:2: account.a.window: found a table; "
            "expected an array of tables, [[account.a.window]]");
}

TEST(WrongTypeTest, ArrayOfOtherValuesForAnArrayOfTables) {
  EXPECT_EQ(ErrorOf("[account.a]\nwindow = [\"5h\"]\n"),
            "zb.toml:2: account.a.window: found an array; "
            "expected an array of tables, [[account.a.window]]");
}

TEST(WrongTypeTest, LongStringsAreCut) {
  EXPECT_EQ(ErrorOf(absl::StrCat("[broker]\nqueue_max = \"", std::string(1000, 'x'), "\"\n")),
            absl::StrCat("zb.toml:2: broker.queue_max: found \"", std::string(63, 'x'),
                         "…\"; expected an integer from 1 to 1000000"));
}

TEST(FirstErrorTest, IsTheFirstInTheFile) {
  EXPECT_EQ(ErrorOf("[broker]\nretention = 1\nqueue_max = 0\n[account.a]\nx = 1\n"),
            "zb.toml:2: broker.retention: found 1; expected a duration from \"1h\" to \"3650d\"");
}

TEST(FirstErrorTest, IsTheFirstAlsoWhenAccountsComeFirst) {
  EXPECT_EQ(ErrorOf("[account.b]\nx = 1\n[account.a]\ny = 1\n[broker]\nqueue_max = 0\n"),
            "zb.toml:2: account.b.x: unknown key; expected plan, generation, purchased, upstream, "
            "shadow, slots, peak, pool, window, weight, rate, mcp_credits, schedule, background, "
            "priority or mcp");
}

TEST(FirstErrorTest, IsTheFirstOfALine) {
  EXPECT_EQ(ErrorOf("broker = {zzz = 1, aaa = 2}\n"),
            "zb.toml:1: broker.zzz: unknown key; expected shadow, default_account, "
            "age_after, queue_max, reclaim_grace, unclean_hold, retention or projects");
}

}  // namespace
}  // namespace zbroker::config
