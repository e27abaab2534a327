#include "client/zctl/watch_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

constexpr char kBusy[] = R"(
  accounts {
    name: 'work'
    leases { lease_id: 7 session: 'b' project: 'shop' model: 'glm-5' holder { program: 'node' }
             held { seconds: 1 } }
    leases { lease_id: 8 session: 'a' project: 'blog' holder { program: 'claude' }
             held { seconds: 9 } }
    waiters { position: 1 session: 'y' project: 'shop' holder { program: 'codex' }
              waited { seconds: 2 } }
    waiters { position: 2 session: 'x' holder { program: 'curl' } waited { seconds: 3 } }
    pauses { part { priority: PRIORITY_BACKGROUND } }
    pauses { part { priority: PRIORITY_NORMAL session: 'x' } }
  }
  accounts { name: 'home' })";

class WatchKeysTest : public ::testing::Test {
 protected:
  bool Type(absl::string_view keys) {
    for (const char key : keys) {
      if (!keys_.Press({&key, 1}, status_)) return false;
    }
    return true;
  }
  std::vector<uint64_t> Leases() const {
    std::vector<uint64_t> ids;
    const v1::Status arranged = keys_.Arrange(status_);
    for (const auto& lease : arranged.accounts(0).leases()) {
      ids.push_back(lease.lease_id());
    }
    return ids;
  }
  std::vector<uint32_t> Waiters() const {
    std::vector<uint32_t> positions;
    const v1::Status arranged = keys_.Arrange(status_);
    for (const auto& waiter : arranged.accounts(0).waiters()) {
      positions.push_back(waiter.position());
    }
    return positions;
  }
  std::string Footer() const { return keys_.RenderFooter(Plain(80)); }

  const v1::Status status_ = Parse<v1::Status>(kBusy);
  WatchKeys keys_{""};
};

using Ids = std::vector<uint64_t>;
using Positions = std::vector<uint32_t>;

TEST_F(WatchKeysTest, QuitEndsIt) {
  EXPECT_TRUE(Type("x"));
  EXPECT_FALSE(Type("q"));
}

TEST_F(WatchKeysTest, SortGoesThroughItsOrdersAndAround) {
  EXPECT_EQ(Leases(), (Ids{7, 8}));
  Type("s");
  EXPECT_EQ(Leases(), (Ids{8, 7})) << "longest first";
  EXPECT_EQ(Waiters(), (Positions{2, 1}));
  EXPECT_EQ(Footer().rfind("longest first · ", 0), 0U) << Footer();
  Type("s");
  EXPECT_EQ(Leases(), (Ids{8, 7})) << "by program";
  EXPECT_EQ(Waiters(), (Positions{1, 2}));
  Type("s");
  EXPECT_EQ(Leases(), (Ids{8, 7})) << "by session";
  EXPECT_EQ(Waiters(), (Positions{2, 1}));
  Type("s");
  EXPECT_EQ(Leases(), (Ids{8, 7})) << "by project";
  Type("s");
  EXPECT_EQ(Leases(), (Ids{7, 8})) << "as they come";
}

TEST_F(WatchKeysTest, FilterCountsAtEachLetter) {
  Type("/SH");
  EXPECT_EQ(Leases(), (Ids{7}));
  EXPECT_EQ(Waiters(), (Positions{1}));
  Type("\x7f\x7f");
  EXPECT_EQ(Leases(), (Ids{7, 8}));
  Type("glm\r");
  EXPECT_EQ(Leases(), (Ids{7}));
  EXPECT_NE(Footer().find("only \"glm\""), std::string::npos) << Footer();
  Type("q");
  Type("/\x1b");
  EXPECT_EQ(Leases(), (Ids{7, 8}));
}

TEST_F(WatchKeysTest, LettersOfAFilterAreNoKeys) {
  EXPECT_TRUE(Type("/quit\r"));
  EXPECT_EQ(Leases(), Ids{});
}

TEST_F(WatchKeysTest, FilterTakesACharacterBackWhole) {
  Type("/caf\xc3\xa9");
  Type("\x7f");
  EXPECT_NE(Footer().find("show only: caf_"), std::string::npos) << Footer();
}

TEST_F(WatchKeysTest, InputIsBounded) {
  Type("/" + std::string(1000, 'a'));
  EXPECT_EQ(Footer().find(std::string(WatchKeys::kInputMax + 1, 'a')), std::string::npos);
}

TEST_F(WatchKeysTest, RevokeAsksFirst) {
  Type("r8\r");
  EXPECT_EQ(Footer(), "revoke lease 8 of claude? y/n");
  EXPECT_FALSE(keys_.TakeOrder().has_value());
  Type("y");
  const auto order = keys_.TakeOrder();
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(std::get<RevokeCommand>(*order).lease_id, 8U);
  EXPECT_FALSE(keys_.TakeOrder().has_value()) << "once";
}

TEST_F(WatchKeysTest, AnyOtherAnswerRevokesNothing) {
  for (const char* const answer : {"n", "\r", "q", " "}) {
    Type(std::string("r8\r") + answer);
    EXPECT_FALSE(keys_.TakeOrder().has_value());
    EXPECT_EQ(Footer(), "nothing was revoked");
  }
}

TEST_F(WatchKeysTest, LeaseThatIsNotOpenIsNotAskedAbout) {
  for (const char* const number : {"r9\r", "rabc\r", "r99999999999999999999\r"}) {
    Type(number);
    EXPECT_NE(Footer().find("is open"), std::string::npos) << Footer();
    Type("y");
    EXPECT_FALSE(keys_.TakeOrder().has_value());
  }
}

TEST_F(WatchKeysTest, PauseIsOfAClassOfTheFirstAccount) {
  Type("pi");
  const auto order = keys_.TakeOrder();
  ASSERT_TRUE(order.has_value());
  const auto& pause = std::get<PauseCommand>(*order);
  EXPECT_EQ(pause.account, "work");
  EXPECT_EQ(pause.part.priority(), v1::PRIORITY_INTERACTIVE);
}

TEST_F(WatchKeysTest, WhatIsPausedIsResumed) {
  Type("pb");
  EXPECT_EQ(std::get<ResumeCommand>(*keys_.TakeOrder()).part.priority(), v1::PRIORITY_BACKGROUND);
  Type("pn");
  EXPECT_TRUE(std::holds_alternative<PauseCommand>(*keys_.TakeOrder()))
      << "a session's normal work is paused, which is a smaller part";
}

TEST_F(WatchKeysTest, PauseOfNoClassPausesNothing) {
  Type("p\x1b");
  EXPECT_FALSE(keys_.TakeOrder().has_value());
  EXPECT_EQ(Footer(), "nothing was paused");
}

TEST_F(WatchKeysTest, OrdersAreOfTheAccountThatIsWatched) {
  WatchKeys keys("home");
  keys.Press("p", status_);
  keys.Press("a", status_);
  EXPECT_EQ(std::get<PauseCommand>(*keys.TakeOrder()).account, "home");
}

TEST_F(WatchKeysTest, KeysWithoutACharacterAreIgnored) {
  EXPECT_TRUE(keys_.Press("\x1b[A", status_));
  Type("/shop\r");
  EXPECT_TRUE(keys_.Press("\x1bOq", status_));
  EXPECT_EQ(Leases(), (Ids{7}));
}

TEST_F(WatchKeysTest, PastedKeysCountOneAfterTheOther) {
  EXPECT_TRUE(keys_.Press("r8\ry", status_));
  EXPECT_TRUE(keys_.TakeOrder().has_value());
}

TEST_F(WatchKeysTest, AnyKeyEndsTheHelp) {
  Type("?");
  EXPECT_TRUE(keys_.helping());
  EXPECT_TRUE(Type("q"));
  EXPECT_FALSE(keys_.helping());
}

TEST_F(WatchKeysTest, HelpFitsANarrowScreen) {
  for (const absl::string_view line : absl::StrSplit(WatchKeys::RenderHelp(Plain(60)), '\n')) {
    EXPECT_LE(line.size(), 60U) << line;
  }
}

TEST_F(WatchKeysTest, WhatCameOfAnOrderIsShownUntilTheNextKey) {
  keys_.Tell("lease 8: revoked");
  EXPECT_EQ(Footer(), "lease 8: revoked");
  Type("s");
  EXPECT_EQ(Footer().find("revoked"), std::string::npos);
}

TEST_F(WatchKeysTest, WithoutAnyStatusItWorksToo) {
  for (const char* const keys : {"s", "pa", "r8\ry", "/x\r", "?"}) {
    keys_.Press(keys, v1::Status());
    keys_.TakeOrder();
  }
  EXPECT_EQ(keys_.Arrange(v1::Status()).accounts_size(), 0);
}

TEST_F(WatchKeysTest, FooterFitsTheScreen) {
  for (const char* const keys : {"", "/", "r", "p", "\x1b"}) {
    Type(keys);
    EXPECT_LE(keys_.RenderFooter(Plain(40)).size(), 44U);
  }
}

}  // namespace
}  // namespace zbroker::zctl
