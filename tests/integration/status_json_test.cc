// What scripts may rely on in `zctl status --json`: the keys and types that the README promises.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using google::protobuf::Value;

constexpr char kOneOfEach[] = R"(
[account.default.slots]
limit = 1
[[account.default.window]]
name = "5h"
length = "5h"
limit = 600
)";

class StatusJsonTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }

  void Look() {
    const Process::End end = daemon_.Zctl({"status", "--json"});
    ASSERT_EQ(end.exit_status, 0) << end.err;
    text_ = end.out;
    const auto parsed = google::protobuf::util::JsonStringToMessage(text_, &status_);
    ASSERT_TRUE(parsed.ok()) << parsed.message() << ": " << text_;
  }

  // What stands at a path of keys and indices, for example "accounts.0.name". Fails the test when
  // nothing does.
  Value At(const std::string& path) {
    Value at;
    *at.mutable_struct_value() = status_;
    for (const absl::string_view step : absl::StrSplit(path, '.')) {
      Value next;
      int index = 0;
      if (at.has_list_value() && absl::SimpleAtoi(step, &index) &&
          index < at.list_value().values_size()) {
        next = at.list_value().values(index);
      } else if (at.struct_value().fields().contains(std::string(step))) {
        next = at.struct_value().fields().at(std::string(step));
      } else {
        ADD_FAILURE() << "no " << step << " of " << path << " in " << text_;
        return {};
      }
      at = std::move(next);
    }
    return at;
  }

  Value::KindCase TypeOf(const std::string& path) { return At(path).kind_case(); }

  DaemonProcess daemon_{kOneOfEach};
  std::string text_;
  google::protobuf::Struct status_;
};

TEST_F(StatusJsonTest, NamesTheAccount) {
  Look();
  EXPECT_EQ(At("accounts.0.name").string_value(), "default");
}

TEST_F(StatusJsonTest, CountsSlotsAsNumbers) {
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const Process waiter = daemon_.StartZlease({"--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  Look();
  for (const char* key : {"limit", "in_flight", "waiting"}) {
    const std::string path = std::string("accounts.0.slots.") + key;
    EXPECT_EQ(TypeOf(path), Value::kNumberValue) << path;
    EXPECT_EQ(At(path).number_value(), 1) << path;
  }
  EXPECT_EQ(TypeOf("accounts.0.slots.quarantined"), Value::kNumberValue);
  EXPECT_EQ(TypeOf("accounts.0.slots.learned"), Value::kBoolValue);
}

TEST_F(StatusJsonTest, SaysWhereTheLimitComesFrom) {
  Look();
  const std::string slots = "accounts.0.slots.";
  EXPECT_EQ(At(slots + "source").string_value(), "configured");
  EXPECT_EQ(At(slots + "configured").number_value(), 1);
  EXPECT_FALSE(At(slots + "learned").bool_value());
  const std::string learned = slots + "learned_limits.0.";
  EXPECT_TRUE(At(learned + "in_force").bool_value());
  EXPECT_EQ(At(learned + "limit").number_value(), 1);
  EXPECT_EQ(At(learned + "reason").string_value(), "as configured");
  EXPECT_EQ(TypeOf(learned + "changed"), Value::kNullValue);
}

TEST_F(StatusJsonTest, FreeSlotMeansNoWait) {
  Look();
  EXPECT_EQ(At("accounts.0.expected_wait").string_value(), "0s");
}

TEST_F(StatusJsonTest, WhatIsAbsentIsNullAndNotLeftOut) {
  Look();
  for (const char* path : {"accounts.0.slots.cool_down_until", "accounts.0.blocked",
                           "accounts.0.shadow", "accounts.0.windows.0.next_release",
                           "accounts.0.windows.0.reset", "accounts.0.windows.0.runs_out"}) {
    EXPECT_EQ(TypeOf(path), Value::kNullValue) << path;
  }
}

TEST_F(StatusJsonTest, ZeroIsShownAndNotLeftOut) {
  Look();
  for (const char* path : {"accounts.0.slots.in_flight", "accounts.0.totals.granted",
                           "accounts.0.totals.throttled", "accounts.0.totals.lost"}) {
    EXPECT_EQ(TypeOf(path), Value::kNumberValue) << path;
  }
}

TEST_F(StatusJsonTest, DescribesEachWindow) {
  EXPECT_EQ(daemon_.Zlease({"--weight", "1.5", "--", "true"}).exit_status, 0);
  Look();
  const std::string window = "accounts.0.windows.0.";
  EXPECT_EQ(At(window + "name").string_value(), "5h");
  EXPECT_EQ(At(window + "unit").string_value(), "prompts");
  EXPECT_EQ(At(window + "used").number_value(), 1.5);
  EXPECT_EQ(At(window + "limit").number_value(), 600);
  EXPECT_EQ(TypeOf(window + "exhausted"), Value::kBoolValue);
  EXPECT_EQ(At(window + "kind").string_value(), "rolling");
  EXPECT_EQ(At(window + "enforce").string_value(), "hard");
  EXPECT_EQ(At(window + "length").string_value(), "18000s");
  absl::Time release;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, At(window + "next_release").string_value(),
                              &release, &error))
      << error;
}

TEST_F(StatusJsonTest, SaysWhyAnAccountIsBlocked) {
  EXPECT_EQ(daemon_.Zctl({"pause"}).exit_status, 0);
  Look();
  EXPECT_EQ(At("accounts.0.blocked.reason").string_value(), "paused");
  EXPECT_EQ(TypeOf("accounts.0.blocked.until"), Value::kNullValue);
  EXPECT_EQ(TypeOf("accounts.0.blocked.detail"), Value::kStringValue);
}

TEST_F(StatusJsonTest, CountsWhatWasGranted) {
  EXPECT_EQ(daemon_.Zlease({"--", "true"}).exit_status, 0);
  Look();
  EXPECT_EQ(At("accounts.0.totals.granted").number_value(), 1);
}

TEST_F(StatusJsonTest, IsOneLineForPrograms) {
  Look();
  EXPECT_EQ(text_.find('\n'), text_.size() - 1);
}

}  // namespace
}  // namespace zbroker::testing
