// What is told of what has happened: each episode once when it begins and once when it has ended,
// whichever daemon is there.
#include <string>
#include <vector>

#include "daemon/core/happening.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HappeningsTest : public BrokerTest {
 protected:
  std::vector<std::string> Told() const {
    std::vector<std::string> names;
    for (const Happening& one : Records<Happening>()) names.emplace_back(Name(one.kind));
    return names;
  }
  void MeetWall(StreamId stream, absl::Duration length) {
    GiveBack(stream, Take(stream, absl::StrCat("wall", stream)), Outcome::kWall,
             {.upstream_code = "1308", .message = "used up", .until = now_ + length});
  }
  static Client Admin() {
    Client admin = OnStream(99);
    admin.admin = true;
    return admin;
  }
};

TEST_F(HappeningsTest, AWallIsToldWhenItFallsAndWhenItHasEnded) {
  Start(OneAccount(2));
  MeetWall(1, absl::Hours(2));
  EXPECT_THAT(Told(), ElementsAre("wall"));
  EXPECT_EQ(Records<Happening>()[0].until, now_ + absl::Hours(2));
  EXPECT_EQ(Records<Happening>()[0].upstream_code, "1308");
  Pass(absl::Hours(3));
  EXPECT_THAT(Told(), ElementsAre("wall", "reset"));
}

TEST_F(HappeningsTest, AWallThatOthersMeetTooIsToldOnce) {
  Start(OneAccount(3));
  const LeaseId one = Take(1, "a");
  const LeaseId two = Take(2, "b");
  for (const auto& [stream, lease] : {std::pair(1u, one), std::pair(2u, two)}) {
    GiveBack(stream, lease, Outcome::kWall, {.until = now_ + absl::Hours(1)});
  }
  EXPECT_THAT(Told(), ElementsAre("wall"));
}

TEST_F(HappeningsTest, AWallThatAnAdministratorEndsIsReset) {
  Start(OneAccount(2));
  MeetWall(1, absl::Hours(2));
  Do(SetPaused{.client = Admin()});
  EXPECT_THAT(Told(), ElementsAre("wall", "reset"));
}

TEST_F(HappeningsTest, AWallThatEndedWhileNoDaemonRanIsToldOnceByTheNext) {
  Start(OneAccount(2));
  MeetWall(1, absl::Hours(2));
  Recovered recovered;
  recovered.blocks = Records<BlockSet>();
  recovered.open_happenings = Records<Happening>();
  records_.clear();
  now_ = now_ + absl::Hours(3);
  Start(OneAccount(2));
  broker_->Restore(recovered, now_);
  Effects effects;
  Settle(effects);
  EXPECT_THAT(Told(), ElementsAre("reset"));
  // The ledger has it now, so yet another daemon says nothing.
  records_.clear();
  recovered.open_happenings.clear();
  Start(OneAccount(2));
  broker_->Restore(recovered, now_);
  effects.Clear();
  Settle(effects);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(HappeningsTest, AWallThatStandsIsNotToldAgainByTheNextDaemon) {
  Start(OneAccount(2));
  MeetWall(1, absl::Hours(2));
  Recovered recovered;
  recovered.blocks = Records<BlockSet>();
  recovered.open_happenings = Records<Happening>();
  records_.clear();
  Start(OneAccount(2));
  broker_->Restore(recovered, now_);
  Effects effects;
  Settle(effects);
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Hours(3));
  EXPECT_THAT(Told(), ElementsAre("reset"));
}

TEST_F(HappeningsTest, ALongWaitIsToldOnceHoweverManyWait) {
  BrokerConfig config = OneAccount(1);
  config.long_wait = absl::Minutes(2);
  Start(config);
  const LeaseId held = Take(1, "a");
  Do(Ask(2, "b"));
  Pass(absl::Seconds(30));
  Do(Ask(3, "c"));
  Pass(absl::Seconds(89));
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Minutes(10));
  ASSERT_THAT(Told(), ElementsAre("waiting"));
  EXPECT_THAT(Records<Happening>()[0].detail, HasSubstr("2 wait, the first for 2m: the only slot"));
  GiveBack(1, held);
  GiveBack(2, Last<Granted>(2).lease);
  EXPECT_THAT(Told(), ElementsAre("waiting", "waiting_end"));
}

TEST_F(HappeningsTest, ALostLeaseIsTold) {
  BrokerConfig config = OneAccount(1);
  config.unclean_hold = absl::ZeroDuration();
  Start(config);
  const LeaseId lease = Take(1, "a");
  Do(HolderExited{101, 7});
  ASSERT_THAT(Told(), ElementsAre("lost"));
  EXPECT_EQ(Records<Happening>()[0].lease, lease);
}

TEST_F(HappeningsTest, ThrottlesAreABurstOnlyWhenTheyAreSeveral) {
  BrokerConfig config = OneAccount(8);
  config.accounts[0].slots.learn = false;
  Start(config);
  std::vector<LeaseId> leases;
  for (StreamId stream = 1; stream <= 5; ++stream) {
    leases.push_back(Take(stream, absl::StrCat("t", stream)));
  }
  for (StreamId stream = 1; stream <= 5; ++stream) {
    GiveBack(stream, leases[stream - 1], Outcome::kThrottle);
    EXPECT_EQ(Told().size(), stream < 3 ? 0u : 1u);
  }
  EXPECT_THAT(Told(), ElementsAre("throttles"));
}

TEST_F(HappeningsTest, TroubleWithTheLedgerIsToldAlthoughItIsOverBeforeAnybodyLooks) {
  Start(OneAccount(1));
  Effects effects;
  std::vector<AddressedEvent> refusals;
  broker_->LedgerFailed(absl::UnavailableError("disk full"), effects, refusals);
  broker_->LedgerWorks();
  effects.Clear();
  Settle(effects);
  ASSERT_THAT(Told(), ElementsAre("ledger", "ledger_end"));
  EXPECT_EQ(Records<Happening>()[0].detail, "disk full");
}

TEST_F(HappeningsTest, GatewaysAreToldAsTheyComeAndGo) {
  Start(OneAccount(1));
  Do(Note{HappeningKind::kGatewayUp, {{"a", "gateway a"}}});
  Do(Note{HappeningKind::kGatewayUp, {{"a", "gateway a"}, {"b", "gateway b"}}});
  Do(Note{HappeningKind::kGatewayUp, {{"b", "gateway b"}}});
  EXPECT_THAT(Told(), ElementsAre("gateway_up", "gateway_up", "gateway_down"));
}

TEST_F(HappeningsTest, AnotherConfigurationIsToldAndTheSameIsNot) {
  Start(OneAccount(1));
  Effects effects;
  broker_->Reconfigure(OneAccount(1), {}, now_, effects);
  Settle(effects);
  EXPECT_THAT(Told(), IsEmpty());
  effects.Clear();
  broker_->Reconfigure(OneAccount(2), {}, now_, effects);
  Settle(effects);
  EXPECT_THAT(Told(), ElementsAre("config"));
}

TEST(HappeningKindTest, EveryNameIsReadBack) {
  for (size_t i = 0; i < kHappeningKinds; ++i) {
    const auto kind = static_cast<HappeningKind>(i);
    EXPECT_EQ(ParseHappeningKind(Name(kind)), kind);
    if (const auto end = EndOf(kind)) {
      EXPECT_EQ(BeginOf(*end), kind);
    }
  }
  EXPECT_FALSE(ParseHappeningKind("").has_value());
}

}  // namespace
}  // namespace zbroker::core
