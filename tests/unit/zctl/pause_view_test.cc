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
  EXPECT_EQ(Paused({.account = "default",
                    .part = {.priority = v1::PRIORITY_BACKGROUND, .session = "it's nightly"},
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

}  // namespace
}  // namespace zbroker::zctl
