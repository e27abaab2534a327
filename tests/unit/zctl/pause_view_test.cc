#include "client/zctl/pause_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(kNoon);

std::string Paused(const PauseCommand& command) {
  return RenderPaused(command, Parse<v1::PauseReply>("account: 'default'"), kNow, Plain());
}

TEST(PauseViewTest, PauseSaysWhatEndsIt) {
  EXPECT_EQ(Paused({}),
            "default: paused until `zctl resume`; leases go on, waiters keep their places\n");
  EXPECT_EQ(
      Paused({.account = "default",
              .part = Parse<v1::Part>("priority: PRIORITY_BACKGROUND session: \"it's nightly\""),
              .until = kNow + absl::Hours(2)}),
      "default: paused until 14:00:00 (2h) or `zctl resume --account default --priority "
      "background --session 'it'\\''s nightly'`; leases go on, waiters keep their places\n");
}

TEST(PauseViewTest, StatusNamesPausedPartsAndNotTheWholeTwice) {
  const auto account = Parse<v1::AccountStatus>(absl::StrCat(
      "name: 'default' pauses { part {} detail: 'the account is paused' } "
      "pauses { part { program: 'indexer' } detail: 'work of program indexer is paused' until { "
      "seconds: ",
      kNoon + 60, " } }"));
  EXPECT_EQ(RenderPauses(account, kNow, Plain()),
            "  paused: work of program indexer is paused until 12:01:00 (1m); `zctl resume "
            "--account default --program 'indexer'` ends it\n");
}

std::string Resumed(const std::string& reply, const std::string& part = "") {
  return RenderResumed({.part = Parse<v1::Part>(part)},
                       Parse<v1::ResumeReply>(absl::StrCat("account: 'work' ", reply)), kNow,
                       Plain());
}

std::string Until14() { return absl::StrCat(" until { seconds: ", kNoon + 7200, " } "); }

TEST(PauseViewTest, ResumeTellsWhatItEnded) {
  EXPECT_EQ(Resumed(""), "work: granting again\n");
  EXPECT_EQ(Resumed(absl::StrCat("ended { reason: BLOCK_REASON_WALL", Until14(),
                                 "} resumed { detail: 'the account is paused' } resumed { part { "
                                 "session: 's' } detail: 'work of session s is paused' }")),
            "work: granting again\n  ended: work of session s is paused\n"
            "  ended: wall until 14:00:00 (2h)\n");
}

TEST(PauseViewTest, ResumeOfAPartSaysWhetherItWasPaused) {
  EXPECT_EQ(Resumed("", "session: 's'"),
            "work: that part was not paused; `zctl status` shows what is\n");
  EXPECT_EQ(Resumed("resumed { part { session: 's' } detail: 'work of session s is paused' }",
                    "session: 's'"),
            "work: no longer so: work of session s is paused\n");
}

TEST(PauseViewTest, ResumeWarnsOfABreakerThatStands) {
  const std::string text =
      Resumed(absl::StrCat("standing { reason: BLOCK_REASON_BREAKER", Until14(), "}"));
  EXPECT_EQ(text.find("work: resumed, but still blocked\n  breaker until 14:00:00 (2h); "), 0u)
      << text;
  EXPECT_NE(text.find("zctl resume --end-breaker"), std::string::npos) << text;
}

}  // namespace
}  // namespace zbroker::zctl
