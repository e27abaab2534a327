#include "client/zctl/status_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/zctl/width.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

constexpr char kStart[] = "now { seconds: $NOON } ";
constexpr char kDaemon[] = " daemon { version: '0.1.0' pid: 4312 started { seconds: $NOON-3H } ";

constexpr char kBusy[] = R"(
  accounts {
    name: 'default'
    slots { limit: 3 in_flight: 3 waiting: 3 quarantined: 1 learned: true configured: 2 }
    windows { name: '5h' unit: 'prompts' used: 87 limit: 600 next_release { seconds: $NOON+2H } }
    windows { name: 'week' unit: 'prompts' used: 3812 limit: 4000
              next_release { seconds: $NOON+20H } }
    totals { granted: 1234 throttled: 2 lost: 1 }
    leases { lease_id: 1041 model: 'glm-4.6' session: '8c1f2a9e-0b1c-4d2e-9f3a-1234567890ab'
             holder { pid: 48213 program: 'claude' } state: LEASE_STATE_HELD held { seconds: 192 } }
    leases { lease_id: 1042 model: 'glm-4.6' session: 'ci-nightly'
             holder { pid: 48377 program: 'python3' stopped: true } state: LEASE_STATE_HELD
             held { seconds: 41 } }
    leases { lease_id: 1043 session: 'pid:48401' holder { pid: 48401 program: 'node' }
             state: LEASE_STATE_QUARANTINED granted { seconds: $NOON } held { seconds: 6 }
             until { seconds: $NOON+7S } }
    waiters { position: 1 session: '41b0c7d2-77aa-4e0c-8d1e-abcdef012345'
              holder { pid: 48300 program: 'claude' } detail: 'all 3 slots are taken'
              waited { seconds: 12 } estimate { seconds: 34 } }
    waiters { position: 2 holder { uid: 1001 } detail: 'all 3 slots are taken'
              waited { seconds: 11 } }
  })";

v1::Status Status(absl::string_view accounts, absl::string_view daemon = "") {
  const auto at = [](int64_t seconds) { return absl::StrCat(kNoon + seconds); };
  return Parse<v1::Status>(absl::StrReplaceAll(
      absl::StrCat(kStart, accounts, kDaemon, daemon, " }"), {{"$NOON-3H", at(-3 * 3600)},
                                                              {"$NOON+2H", at(2 * 3600)},
                                                              {"$NOON+20H", at(20 * 3600)},
                                                              {"$NOON+7S", at(7)},
                                                              {"$NOON", at(0)}}));
}

std::string Render(absl::string_view accounts, absl::string_view daemon = "") {
  return RenderStatus(Status(accounts, daemon), Plain(80));
}

// Between session and model, where somebody works in a repository; the first to go without room.
TEST(StatusViewTest, ProjectIsShownWhereOneIsKnown) {
  const char kShop[] = R"(accounts { name: 'default' slots { limit: 1 in_flight: 1 waiting: 1 }
    leases { lease_id: 7 session: 's' project: 'shop' holder { pid: 9 program: 'claude' } held {} }
    waiters { position: 1 session: 't' project: 'blog\033' holder { pid: 8 program: 'node' }
              waited {} } })";
  const std::string text = Render(kShop);
  EXPECT_NE(text.find("SESSION  PROJECT"), std::string::npos) << text;
  EXPECT_NE(text.find("s        shop"), std::string::npos) << text;
  EXPECT_NE(text.find("t        blog\\x1b"), std::string::npos) << text;
  EXPECT_EQ(RenderStatus(Status(kShop), Plain(50)).find("shop"), std::string::npos);
  EXPECT_EQ(Render(kBusy).find("PROJECT"), std::string::npos);
}

TEST(StatusViewTest, Idle) {
  EXPECT_EQ(Render("accounts { name: 'default' slots { limit: 3 } "
                   "windows { name: '5h' unit: 'prompts' } }"),
            R"(default  0 granted, 0 throttled, 0 lost
  slots  ░░░░░░░░░░░░░░░░░░░░  0 of 3 in flight  idle
  5h                           0 prompts

zbrokerd 0.1.0 · pid 4312 · up 3h · 2026-11-22 12:00:00
)");
}

TEST(StatusViewTest, Busy) {
  EXPECT_EQ(Render(kBusy), R"(default  1234 granted, 2 throttled, 1 lost
  slots  ████████████  3 of 3 in flight           3 waiting
                                                  limit 3, learned; configured 2
  5h     █░░░░░░░░░░░  87 of 600 prompts     14%  next ages out 14:00:00 (2h)
  week   ███████████░  3812 of 4000 prompts  95%  next ages out Nov 23 08:00:00

  LEASE  HELD BY    PID  SESSION       MODEL      FOR  STATE
   1041  claude   48213  8c1f2a9e-0b…  glm-4.6  3m12s  held
   1042  python3  48377  ci-nightly    glm-4.6    41s  stopped (Ctrl-Z)
   1043  node     48401  pid:48401               6.0s  quarantined, free in 1.0s

  #  WAITING      PID  SESSION                  FOR   EST  WHY
  1  claude     48300  41b0c7d2-77aa-4e0c-8d1…  12s  ~34s  all 3 slots are taken
  2  user 1001                                  11s        all 3 slots are taken
  … 1 more: zctl queue

zbrokerd 0.1.0 · pid 4312 · up 3h · 2026-11-22 12:00:00
)");
}

TEST(StatusViewTest, ShadowModeSaysWhatWouldHaveWaited) {
  EXPECT_NE(Render("accounts { name: 'a' slots { limit: 2 } "
                   "shadow { on: true waits: 41 waited { seconds: 720 } } }")
                .find("a  0 granted, 0 throttled, 0 lost\n"
                      "  shadow mode: would have waited 41 ×, 12m in all\n"),
            std::string::npos);
  EXPECT_NE(Render("accounts { name: 'a' shadow { on: true } }")
                .find("  shadow mode: nothing would have waited yet\n"),
            std::string::npos);
  EXPECT_NE(Render("accounts { name: 'a' shadow { waits: 1 waited { seconds: 2 } } }")
                .find("  shadow mode, off now: would have waited 1 ×, 2.0s in all\n"),
            std::string::npos);
}

TEST(StatusViewTest, NestedLeasesStandBelowTheirHosts) {
  const std::string text = Render(
      "accounts { name: 'a' slots { limit: 2 in_flight: 2 } "
      "leases { lease_id: 1 holder { program: 'claude' } state: LEASE_STATE_HELD } "
      "leases { lease_id: 2 holder { program: 'node' } state: LEASE_STATE_HELD } "
      "leases { lease_id: 3 host_lease_id: 1 holder { program: 'bash' } state: LEASE_STATE_HELD } "
      "leases { lease_id: 4 host_lease_id: 3 holder { program: 'sh' } state: LEASE_STATE_HELD } "
      "leases { lease_id: 5 host_lease_id: 99 holder { program: 'x' } state: LEASE_STATE_HELD } }");
  EXPECT_NE(text.find("  LEASE  HELD BY  FOR  STATE\n"
                      "      1  claude    0s  held\n"
                      "      3  └ bash    0s  in the slot of 1\n"
                      "      4    └ sh    0s  in the slot of 3\n"
                      "      2  node      0s  held\n"
                      "      5  x         0s  in the slot of 99\n"),
            std::string::npos)
      << text;
}

TEST(StatusViewTest, BlockedUntilAnInstant) {
  EXPECT_EQ(Render("accounts { name: 'work' slots { limit: 2 } blocked { reason: 'wall' "
                   "until { seconds: $NOON+2H } detail: 'the upstream says that the window of "
                   "five hours is used up' } }"),
            R"(work  0 granted, 0 throttled, 0 lost
  BLOCKED (wall) until 14:00:00 (2h): the upstream says that the window of
    five hours is used up
  slots  ░░░░░░░░░░░░░░░░░░░░  0 of 2 in flight  idle

zbrokerd 0.1.0 · pid 4312 · up 3h · 2026-11-22 12:00:00
)");
}

TEST(StatusViewTest, CoolingDown) {
  EXPECT_NE(
      Render("accounts { name: 'a' slots { limit: 2 cool_down_until { seconds: $NOON+7S } } }")
          .find("  cooling down: no new grants until 12:00:07 (7.0s)\n"),
      std::string::npos);
}

TEST(StatusViewTest, BlocksOfAPartOfTheAccount) {
  const std::string text = Render(
      "accounts { name: 'a' slots { limit: 2 } "
      "blocks { reason: BLOCK_REASON_WALL kind: KIND_MCP until { seconds: $NOON+20H } "
      "         upstream_code: '1310' detail: 'Monthly limit' } "
      "blocks { reason: BLOCK_REASON_OVERLOAD model: 'glm-4.7' until { seconds: $NOON+7S } } }");
  EXPECT_NE(text.find("  wall of kind mcp until Nov 23 08:00:00: Monthly limit (1310)\n"
                      "  overload of glm-4.7 until 12:00:07 (7.0s)\n"),
            std::string::npos)
      << text;
}

TEST(StatusViewTest, WhatBlocksTheWholeAccountIsSaidOnce) {
  const std::string text = Render(
      "accounts { name: 'a' slots { limit: 2 } "
      "blocked { reason: 'breaker' until { seconds: $NOON+2H } detail: 'silence' } "
      "blocks { reason: BLOCK_REASON_BREAKER until { seconds: $NOON+2H } detail: 'silence' } "
      "blocks { reason: BLOCK_REASON_WALL until { seconds: $NOON+2H } detail: 'used up' } }");
  EXPECT_NE(text.find("  BLOCKED (breaker) until 14:00:00 (2h): silence\n"
                      "  wall until 14:00:00 (2h): used up\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("  breaker until"), std::string::npos) << text;
}

TEST(StatusViewTest, LedgerErrorComesFirstAndOnce) {
  const std::string text =
      Render("accounts { name: 'a' blocked { reason: 'ledger' detail: 'ledger.db: disk full' } }",
             "ledger_error: 'ledger.db: disk full'");
  EXPECT_EQ(text.find("NOTHING IS GRANTED: ledger.db: disk full\n\na  0 granted"), 0u) << text;
  EXPECT_NE(text.find("  BLOCKED (ledger)\n"), std::string::npos) << text;
}

TEST(StatusViewTest, ConfigErrorComesFirst) {
  EXPECT_EQ(Render("", "config_error: 'c.toml:3: x'")
                .find("CONFIGURATION NOT RELOADED: c.toml:3: x; the configuration before it stays "
                      "in\n  force\n\n"),
            0u);
}

TEST(StatusViewTest, ErrorsAreAlarming) {
  ViewOptions options = Plain(80);
  options.color = true;
  EXPECT_EQ(RenderStatus(Status("", "ledger_error: 'disk full'"), options)
                .find("\x1b[1;31mNOTHING IS GRANTED: disk full\x1b[0m\n"),
            0u);
}

TEST(StatusViewTest, AccountsAreApart) {
  EXPECT_NE(Render("accounts { name: 'a' slots { limit: 1 } } accounts { name: 'b' }")
                .find("idle\n\nb  0 granted"),
            std::string::npos);
}

TEST(StatusViewTest, ThirtyHoldersAreCut) {
  v1::Status status = Status("accounts { name: 'a' slots { limit: 30 in_flight: 30 } }");
  for (uint64_t id = 1; id <= 30; ++id) {
    status.mutable_accounts(0)->add_leases()->set_lease_id(id);
  }
  const std::string text = RenderStatus(status, Plain(80));
  EXPECT_NE(text.find("\n     20  user 0"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n     21  user 0"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  … 10 more: zctl leases\n"), std::string::npos) << text;
}

TEST(StatusViewTest, FitsNarrowScreens) {
  for (const size_t columns : {60u, 80u, 100u, 132u}) {
    for (const absl::string_view line :
         absl::StrSplit(RenderStatus(Status(kBusy), Plain(columns)), '\n')) {
      EXPECT_LE(DisplayWidth(line), columns) << line;
    }
  }
}

TEST(StatusViewTest, SessionCanNotForgeALine) {
  const std::string text =
      Render("accounts { name: 'a' leases { lease_id: 1 session: 'x\\n\\033[31mBLOCKED' } }");
  EXPECT_NE(text.find("x\\x0a\\x1b[31mBLOCKED"), std::string::npos) << text;
}

TEST(StatusViewTest, DaemonInAContainerSaysWhatItCannotSeeAndTheWayOut) {
  const char* const account = "accounts { name: 'a' slots { limit: 3 } }";
  EXPECT_NE(Render(account, "in_container: true").find("pid 4312 · in a container · up"),
            std::string::npos);
  EXPECT_EQ(Render(account, "in_container: true").find("out of sight"), std::string::npos);
  const std::string text = Render(account, "in_container: true unseen_holders: 2");
  EXPECT_NE(text.find("holders of 2 leases out of sight"), std::string::npos) << text;
  EXPECT_NE(text.find("kill 4312"), std::string::npos) << text;
  EXPECT_EQ(Render(account, "unseen_holders: 1").find("`kill"), std::string::npos);
}

}  // namespace
}  // namespace zbroker::zctl
