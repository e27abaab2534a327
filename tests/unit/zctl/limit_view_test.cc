#include "client/zctl/limit_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/zctl/message_json.h"
#include "client/zctl/width.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

constexpr char kLearned[] = R"(
  name: 'default'
  slots {
    limit: 4 in_flight: 3 waiting: 1 learned: true source: 'learned' configured: 3
    learned_limits { hours: 'off-peak' limit: 4 ceiling: 4 in_force: true
                     reason: 'throttled (1302) with 5 in flight'
                     confirmed { seconds: $NOON-5M } changed { seconds: $NOON-1H }
                     next_trial { seconds: $NOON+5M } }
    learned_limits { hours: 'peak' limit: 2 reason: 'as configured' }
  })";

v1::Status Status(absl::string_view accounts) {
  const auto at = [](int64_t seconds) { return absl::StrCat(kNoon + seconds); };
  return Parse<v1::Status>(absl::StrReplaceAll(
      absl::StrCat("now { seconds: $NOON } ", accounts),
      {{"$NOON-1H", at(-3600)}, {"$NOON-5M", at(-300)}, {"$NOON+5M", at(300)}, {"$NOON", at(0)}}));
}

std::string Render(absl::string_view account) {
  return RenderLimits(Status(absl::StrCat("accounts { ", account, " }")), Plain());
}

TEST(LimitViewTest, SaysWhatWasLearnedWhenAndWhy) {
  EXPECT_EQ(Render(kLearned), R"(default  limit 4, learned; configured 3  3 in flight, 1 waiting
  HOURS          LIMIT  CEILING  WHEN      WHY
  off-peak, now      4        4  11:55:00  throttled (1302) with 5 in flight
  peak               2                     as configured
  from 12:05:00 (5m), when somebody waits for a slot, 5 are tried
)");
}

TEST(LimitViewTest, ModelsWithLimitsOfTheirOwnHaveATableOfTheirOwn) {
  const std::string text = Render(
      "name: 'default' slots { limit: 6 in_flight: 4 source: 'learned' "
      "model_limits { model: 'glm-5' hours: 'peak' limit: 1 ceiling: 1 in_flight: 1 "
      "in_force: true "
      "reason: 'throttled (1302) with 2 in flight' confirmed { seconds: $NOON-5M } "
      "next_trial { seconds: $NOON+5M } } }");
  EXPECT_NE(text.find("  MODEL  HOURS      LIMIT  CEILING  IN FLIGHT  WHEN      WHY\n"
                      "  glm-5  peak, now      1        1          1  11:55:00  throttled (1302) "
                      "with 2 in flight\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  glm-5: from 12:05:00 (5m), when somebody waits for a slot, 2 are tried\n"),
            std::string::npos)
      << text;
}

TEST(LimitViewTest, PinnedModelSaysHowItIsUnpinned) {
  const v1::Status status = Status(
      "accounts { name: 'a' slots { limit: 6 model_limits { model: 'glm-5' limit: 1 in_flight: 2 "
      "in_force: true pinned: true reason: 'pinned by an administrator' } } }");
  EXPECT_EQ(RenderModelLimitChange(status.accounts(0), "glm-5"),
            "a: glm-5: limit 1, pinned; `zctl limit auto --model 'glm-5'` unpins it\n"
            "  2 in flight: they go on, and no more are granted until enough have ended\n");
  EXPECT_EQ(RenderModelLimitChange(status.accounts(0), "other"),
            "a: other: no limit but the account's, until the provider shows one\n");
  EXPECT_NE(RenderLimits(status, Plain()).find("pinned by an administrator"), std::string::npos);
}

TEST(LimitViewTest, SaysWhereEachLimitComesFrom) {
  EXPECT_EQ(
      RenderLimits(Status("accounts { name: 'a' slots { limit: 3 source: 'configured' } } "
                          "accounts { name: 'b' slots { limit: 2 source: 'scheduled' } } "
                          "accounts { name: 'c' slots { limit: 9 pinned: true configured: 3 } }"),
                   Plain()),
      "a  limit 3, configured  0 in flight, 0 waiting\n"
      "  does not learn\n"
      "\n"
      "b  limit 2, scheduled  0 in flight, 0 waiting\n"
      "  does not learn\n"
      "\n"
      "c  limit 9, pinned; configured 3  0 in flight, 0 waiting\n"
      "  pinned until `zctl limit auto`; nothing is learned meanwhile\n");
}

TEST(LimitViewTest, TrialThatIsDueWaitsForSomebody) {
  EXPECT_NE(Render("slots { learned_limits { limit: 4 in_force: true next_trial { seconds: $NOON } "
                   "} }")
                .find("  when somebody waits for a slot, 5 are tried\n"),
            std::string::npos);
}

TEST(LimitViewTest, TrialUnderWay) {
  EXPECT_NE(Render("slots { learned_limits { limit: 4 in_force: true trial_under_way: true } }")
                .find("  trying now whether 5 are served\n"),
            std::string::npos);
}

TEST(LimitViewTest, SaysWhatElseBoundsTheSlots) {
  const std::string text = Render(
      "slots { pools { models: '*flash*' models: 'a\\033[2J' limit: 1 in_flight: 1 } "
      "reserved_outside: 1 unclean_hold { seconds: 4 } reserved_interactive: 1 per_session: 2 }");
  EXPECT_NE(text.find("  pool *flash*, a\\x1b[2J: limit 1, 1 in flight\n"
                      "  1 more left to programs out of reach\n"
                      "  a slot whose client is gone is kept for 4.0s, as what was left behind ran "
                      "on upstream\n"
                      "  1 reserved for interactive work\n"
                      "  at most 2 for one session\n"),
            std::string::npos)
      << text;
}

TEST(LimitViewTest, FitsNarrowScreens) {
  const v1::Status status = Status(absl::StrCat("accounts { ", kLearned, " }"));
  for (const size_t columns : {60u, 80u, 120u}) {
    for (const absl::string_view line :
         absl::StrSplit(RenderLimits(status, Plain(columns)), '\n')) {
      EXPECT_LE(DisplayWidth(line), columns) << line;
    }
  }
}

TEST(LimitViewTest, JsonHasThePathsOfStatus) {
  const v1::Status status = Status("accounts { name: 'a\"b' slots { limit: 2 } }");
  const std::string slots = ToJson(status.accounts(0).slots(), JsonStyle::kOneLine);
  EXPECT_EQ(ToAnswer(LimitsOf(status), JsonStyle::kOneLine),
            absl::StrCat("{\"schema_version\":1,\"accounts\":[{\"name\":\"a\\\"b\",\"slots\":",
                         slots, "}]}"));
}

v1::AccountStatus Account(const std::string& slots) {
  return Parse<v1::AccountStatus>(absl::StrCat("name: 'default' slots { ", slots, " }"));
}

TEST(LimitChangeTest, SaysWhatItIsAndWhatItWas) {
  EXPECT_EQ(RenderLimitChange(Account("limit: 4 learned: true configured: 3"),
                              Account("limit: 6 pinned: true configured: 3 in_flight: 4")),
            "default: limit 6, pinned; configured 3; `zctl limit auto` unpins it\n"
            "  before: limit 4, learned; configured 3\n");
}

TEST(LimitChangeTest, LoweredLimitDrains) {
  EXPECT_EQ(RenderLimitChange(Account("limit: 3 source: 'configured'"),
                              Account("limit: 1 pinned: true configured: 3 in_flight: 3")),
            "default: limit 1, pinned; configured 3; `zctl limit auto` unpins it\n"
            "  before: limit 3, configured\n"
            "  3 in flight: they go on, and nothing is granted until enough have ended\n");
}

}  // namespace
}  // namespace zbroker::zctl
