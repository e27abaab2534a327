// Limits of single models as the broker learns and uses them.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::SizeIs;

const ReleaseDetails kRefused1302{.upstream_code = "1302"};

class ModelLimitTest : public BrokerTest {
 protected:
  void Ask(StreamId stream, const std::string& model) {
    Acquire acquire = AskReporting(stream);
    acquire.request.model = model;
    Do(acquire);
  }
  LeaseId LeaseOf(StreamId stream) { return Last<Granted>(stream).lease; }
  bool Holds(StreamId stream) {
    for (const LeaseSnapshot& lease : Look().leases) {
      if (lease.client.stream == stream) return true;
    }
    return false;
  }

  // Three of model a and one of model b are being served, on streams 1 to 4.
  void StartMixed() {
    Start(OneAccount(8));
    for (StreamId i = 1; i <= 3; ++i) Ask(i, "a");
    Ask(4, "b");
    Pass(absl::Seconds(6));
  }
};

TEST_F(ModelLimitTest, ModelThatIsRefusedBesideOneServedHasItsLimitAndNobodyPauses) {
  StartMixed();
  Ask(5, "a");
  Pass(absl::Seconds(6));  // the account serves five
  GiveBack(5, LeaseOf(5));
  Ask(6, "b");
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().slot_limit, 8);
  EXPECT_THAT(Look().blocks, SizeIs(0));
  Ask(7, "b");
  EXPECT_FALSE(Holds(7));
  EXPECT_EQ(Last<Queued>(7).state.reason, WaitReason::kPool);
  EXPECT_EQ(Last<Queued>(7).state.pool, "b");
  EXPECT_EQ(Last<Queued>(7).state.slot_limit, 1);
  Ask(8, "a");
  EXPECT_TRUE(Holds(8));
  GiveBack(4, LeaseOf(4));
  EXPECT_TRUE(Holds(7));
  const auto learned = Records<LimitLearned>();
  ASSERT_FALSE(learned.empty());
  EXPECT_EQ(learned.back().model, "b");
  EXPECT_EQ(learned.back().state.limit, 1);
}

// Before anything was served, what is in flight of other models shows that they are in use.
TEST_F(ModelLimitTest, FirstRefusalOfAllIsTheModelsWhereOthersAreInFlight) {
  Start(OneAccount(7));
  Ask(1, "a");
  Ask(2, "a");
  Ask(3, "b");
  Ask(4, "b");
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().slot_limit, 7);
  EXPECT_THAT(Look().blocks, SizeIs(0));
  ASSERT_THAT(Look().model_limits, SizeIs(1));
  EXPECT_EQ(Look().model_limits[0].model, "b");
  EXPECT_EQ(Look().model_limits[0].limit, 1);
}

TEST_F(ModelLimitTest, FirstRefusalsOfTwoModelsAreTheAccounts) {
  Start(OneAccount(7));
  for (StreamId i = 1; i <= 7; ++i) Ask(i, i % 2 == 0 ? "b" : "a");
  for (StreamId i = 4; i <= 7; ++i) GiveBack(i, LeaseOf(i), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().model_limits.size(), 0u);
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(ModelLimitTest, SecondModelThatIsRefusedShowsThatItIsTheAccount) {
  StartMixed();
  Ask(5, "b");
  GiveBack(5, LeaseOf(5), Outcome::kThrottle, kRefused1302);
  Ask(6, "a");
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kRefused1302);
  EXPECT_LT(Look().slot_limit, 5);
  EXPECT_EQ(Records<LimitForgotten>().size(), 1u);
}

TEST_F(ModelLimitTest, ModelsThatWereNeverServedAreNotTheAccountWhileAThirdIs) {
  Start(OneAccount(8));
  for (StreamId i = 1; i <= 5; ++i) Ask(i, "a");
  Pass(absl::Seconds(6));
  for (StreamId i = 1; i <= 2; ++i) GiveBack(i, LeaseOf(i));
  Ask(6, "b");
  Ask(7, "c");
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kRefused1302);
  GiveBack(7, LeaseOf(7), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().slot_limit, 8);
  Ask(8, "a");
  EXPECT_TRUE(Holds(8));
  for (const Block& block : Look().blocks) EXPECT_EQ(block.scope, Scope::kModel);
}

TEST_F(ModelLimitTest, CallOfAToolAndRequestWithoutAModelSayNothingOfWhatIsServed) {
  StartMixed();
  Acquire tool = AskReporting(5);
  tool.request.kind = Kind::kMcp;
  Do(tool);
  GiveBack(5, LeaseOf(5), Outcome::kThrottle, kRefused1302);
  Ask(6, "");
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().slot_limit, 8);
  Ask(7, "a");
  EXPECT_TRUE(Holds(7));
  Ask(8, "");
  EXPECT_FALSE(Holds(8));
  Do(tool);
  EXPECT_FALSE(Holds(5));
}

TEST_F(ModelLimitTest, LimitOfAModelSurvivesARestart) {
  StartMixed();
  Ask(5, "a");
  Pass(absl::Seconds(6));
  GiveBack(5, LeaseOf(5));
  Ask(6, "b");
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kRefused1302);
  Recovered recovered;
  recovered.limits = Records<LimitLearned>();
  Start(OneAccount(8));
  broker_->Restore(recovered, now_);
  Ask(7, "b");
  Ask(8, "b");
  EXPECT_TRUE(Holds(7));
  EXPECT_FALSE(Holds(8));
}

TEST_F(ModelLimitTest, ModelThatIsNotNamedIsTheAccountsWhereNoOtherIsInUse) {
  Start(OneAccount(8));
  for (StreamId i = 1; i <= 3; ++i) Ask(i, "");
  Pass(absl::Seconds(6));
  Ask(4, "");
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kRefused1302);
  EXPECT_LT(Look().slot_limit, 8);
  EXPECT_THAT(Look().model_limits, SizeIs(0));
}

TEST_F(ModelLimitTest, PinnedModelHasWhatIsPinnedAndNothingIsLearnedOfIt) {
  Start(OneAccount(4));
  Client admin = OnStream(99);
  admin.admin = true;
  Do(SetLimit{admin, "", 1, "b"});
  EXPECT_EQ(Last<Done>(99).slot_limit, 1);
  EXPECT_EQ(Last<Done>(99).model, "b");
  Ask(1, "a");
  Ask(2, "b");
  Ask(3, "b");
  Ask(4, "a");
  EXPECT_TRUE(Holds(2));
  EXPECT_FALSE(Holds(3));
  EXPECT_TRUE(Holds(4));
  Pass(absl::Seconds(6));
  GiveBack(2, LeaseOf(2), Outcome::kThrottle, kRefused1302);
  EXPECT_EQ(Look().model_limits.at(0).limit, 1);
  EXPECT_TRUE(Look().model_limits.at(0).pinned);
  Do(SetLimit{admin, "", std::nullopt, "b"});
  EXPECT_EQ(Look().model_limits.size(), 0u);
  EXPECT_EQ(Records<ModelPinned>().size(), 2u);
}

TEST_F(ModelLimitTest, PinBelowWhatIsInFlightTakesNothingAway) {
  StartMixed();
  Client admin = OnStream(99);
  admin.admin = true;
  Do(SetLimit{admin, "", 1, "a"});
  EXPECT_TRUE(Holds(1) && Holds(2) && Holds(3));
  Ask(5, "a");
  GiveBack(1, LeaseOf(1));
  GiveBack(2, LeaseOf(2));
  EXPECT_FALSE(Holds(5));
  GiveBack(3, LeaseOf(3));
  EXPECT_TRUE(Holds(5));
}

TEST_F(ModelLimitTest, PinsSurviveARestart) {
  StartMixed();
  Client admin = OnStream(99);
  admin.admin = true;
  Do(SetLimit{admin, "", 1, "b"});
  Recovered recovered;
  recovered.pins = Records<ModelPinned>();
  Start(OneAccount(8));
  broker_->Restore(recovered, now_);
  Ask(7, "b");
  Ask(8, "b");
  EXPECT_TRUE(Holds(7));
  EXPECT_FALSE(Holds(8));
}

TEST_F(ModelLimitTest, HundredsOfPinsAreRefused) {
  Start(OneAccount(4));
  Client admin = OnStream(99);
  admin.admin = true;
  for (size_t i = 0; i <= Limits::kPinsMax; ++i) {
    Do(SetLimit{admin, "", 1, absl::StrCat("m", i)});
  }
  EXPECT_EQ(Last<Failed>(99).status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Records<ModelPinned>().size(), Limits::kPinsMax);
}

TEST_F(ModelLimitTest, PoolThatLearnsHoldsItsModelsTogetherAndFindsOutThatThereIsMore) {
  BrokerConfig config = OneAccount(8);
  config.accounts[0].pools = {{.models = {"flash*"}, .limit = 1, .learn = true}};
  Start(config);
  Ask(1, "flash-1");
  Ask(2, "flash-2");
  Ask(3, "big");
  EXPECT_TRUE(Holds(1));
  EXPECT_FALSE(Holds(2));
  EXPECT_EQ(Last<Queued>(2).state.pool, "flash*");
  EXPECT_TRUE(Holds(3));
  Pass(absl::Seconds(6));
  GiveBack(1, LeaseOf(1));
  EXPECT_TRUE(Holds(2));
  Ask(4, "flash-1");
  EXPECT_FALSE(Holds(4));
  Pass(LearnedLimit::kFirstInterval);
  EXPECT_TRUE(Holds(4)) << "a trial";
  Pass(LearnedLimit::kProof);
  EXPECT_EQ(Look().pools.at(0).config.limit, 2);
  EXPECT_EQ(Look().pools.at(0).in_flight, 2);
}

TEST_F(ModelLimitTest, PoolLearnsOnlyWhereItsAccountDoes) {
  BrokerConfig config = OneAccount(8);
  config.accounts[0].slots.learn = false;
  config.accounts[0].pools = {{.models = {"flash*"}, .limit = 1, .learn = true}};
  Start(config);
  Ask(1, "flash-1");
  Ask(2, "flash-2");
  Pass(absl::Hours(1));
  EXPECT_TRUE(Holds(1));
  EXPECT_FALSE(Holds(2));
}

}  // namespace
}  // namespace zbroker::core
