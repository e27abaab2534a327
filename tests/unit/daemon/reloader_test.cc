#include "daemon/reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using ::testing::ElementsAre;

// A file whose content is the limit, and a broker that takes its time.
class ReloaderTest : public ::testing::Test {
 protected:
  void Ask() {
    reloader_.Request([this](const absl::Status& status) { answers_.push_back(status.ok()); });
  }
  // The broker is done with what it was given last.
  void Finish() { std::exchange(done_, nullptr)(absl::OkStatus()); }

  int limit_ = 1;
  absl::Status broken_;
  std::vector<int> installed_;
  std::vector<bool> answers_;
  Reloader::Done done_;
  Reloader reloader_{[this]() -> absl::StatusOr<core::BrokerConfig> {
                       if (!broken_.ok()) return broken_;
                       core::BrokerConfig config = core::BrokerConfig::Defaults();
                       config.accounts[0].slots.limit = limit_;
                       return config;
                     },
                     [this](const core::BrokerConfig& config, Reloader::Done done) {
                       installed_.push_back(config.accounts[0].slots.limit);
                       done_ = std::move(done);
                     }};
};

TEST_F(ReloaderTest, ContentThatCameDuringAReloadIsWhatStays) {
  Ask();
  limit_ = 2;
  Ask();
  EXPECT_THAT(installed_, ElementsAre(1)) << "one at a time";
  Finish();
  EXPECT_THAT(installed_, ElementsAre(1, 2));
  EXPECT_THAT(answers_, ElementsAre(true));
  Finish();
  EXPECT_THAT(answers_, ElementsAre(true, true));
}

TEST_F(ReloaderTest, ThoseWhoAskDuringAReloadShareTheNext) {
  Ask();
  for (int i = 0; i < 3; ++i) Ask();
  Finish();
  Finish();
  EXPECT_EQ(installed_.size(), 2u);
  EXPECT_EQ(answers_.size(), 4u);
}

TEST_F(ReloaderTest, WhatCannotBeReadIsNotInstalledAndTheNextIsTried) {
  broken_ = absl::InvalidArgumentError("line 3");
  Ask();
  EXPECT_THAT(answers_, ElementsAre(false));
  EXPECT_TRUE(installed_.empty());
  broken_ = absl::OkStatus();
  Ask();
  Finish();
  EXPECT_THAT(answers_, ElementsAre(false, true));
}

}  // namespace
}  // namespace zbroker
