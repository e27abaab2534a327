#include "daemon/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StatusTextTest : public ::testing::Test {
 protected:
  StatusTextTest() {
    snapshot_.accounts.resize(1);
    account().name = "default";
    account().slot_limit = 3;
  }
  core::AccountSnapshot& account() { return snapshot_.accounts[0]; }
  void AddWindow(const std::string& name, double used, double limit, absl::Duration until_reset) {
    core::WindowSnapshot window;
    window.config.name = name;
    window.config.limit = *core::Amount::FromDouble(limit);
    window.used = *core::Amount::FromDouble(used);
    if (until_reset > absl::ZeroDuration()) window.reset = now_.boot + until_reset;
    account().windows.push_back(window);
  }
  void AddBlock(core::BlockReason reason, core::Scope scope) {
    core::Block block;
    block.reason = reason;
    block.scope = scope;
    block.until = now_.boot + absl::Hours(1);
    account().blocks.push_back(block);
  }
  std::string Text() const { return StatusText(snapshot_, now_, absl::UTCTimeZone()); }

  const Now now_{BootTime::FromMicros(5'000'000),
                 absl::FromCivil(absl::CivilSecond(2026, 11, 22, 12, 5, 0), absl::UTCTimeZone())};
  core::Snapshot snapshot_;
};

TEST_F(StatusTextTest, SaysSlotsWaitersAndWindows) {
  account().in_flight = 3;
  account().waiters.resize(5);
  AddWindow("5h", 62.9, 100, absl::Hours(2));
  EXPECT_EQ(Text(), "3 of 3 slots, 5 waiting, 5h 62 % resets 14:05");
}

TEST_F(StatusTextTest, IsShortWhereThereIsNothingToSay) {
  AddWindow("5h", 62, 0, absl::ZeroDuration());
  EXPECT_EQ(Text(), "0 of 3 slots");
}

TEST_F(StatusTextTest, NamesTheDayOfAResetThatIsNotToday) {
  AddWindow("week", 150, 100, absl::Hours(24));
  EXPECT_EQ(Text(), "0 of 3 slots, week 150 % resets Mon 12:05");
}

TEST_F(StatusTextTest, BeginsWithWhatBlocksTheAccount) {
  AddBlock(core::BlockReason::kOverload, core::Scope::kModel);
  AddBlock(core::BlockReason::kBreaker, core::Scope::kAccount);
  account().pauses.push_back({});
  EXPECT_EQ(Text(),
            "paused, the upstream demands silence of the account until 13:05, 0 of 3 slots");
}

TEST_F(StatusTextTest, APauseOfAPartIsNotOneOfTheAccount) {
  core::Pause pause;
  pause.part.session = "nightly";
  account().pauses.push_back(pause);
  EXPECT_EQ(Text(), "0 of 3 slots");
}

TEST_F(StatusTextTest, SaysFirstThatTheLedgerCanNotBeWritten) {
  snapshot_.ledger_error = absl::UnavailableError("ledger /x: disk full");
  EXPECT_THAT(Text(), StartsWith("no new leases: ledger /x: disk full; 0 of 3 slots"));
}

TEST_F(StatusTextTest, NamesAccountsWhereThereAreSeveral) {
  core::AccountSnapshot work = account();
  work.name = "work";
  core::AccountSnapshot retired = account();
  retired.name = "old";
  retired.retired = true;
  snapshot_.accounts = {account(), work, retired};
  EXPECT_EQ(Text(), "default: 0 of 3 slots; work: 0 of 3 slots");
}

// A service manager takes each line for an assignment of its own.
TEST_F(StatusTextTest, IsOneLineOfABoundedLength) {
  snapshot_.ledger_error =
      absl::UnavailableError(absl::StrCat("a\nREADY=1", std::string(999, 'x')));
  EXPECT_THAT(Text(), Not(HasSubstr("\n")));
  EXPECT_LE(Text().size(), kStatusTextMax + 2);
}

}  // namespace
}  // namespace zbroker
