// Windows against a model that forgets nothing and works everything out anew each time.
#include "tests/testing/window_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/core/window.h"

namespace zbroker::core {
namespace {

using Model = testing::WindowModel;
using Entry = Model::Entry;

constexpr absl::Duration kDay = absl::Hours(24);

enum class Shape { kRolling, kFirstUse, kAnchored, kWeek, kMonth, kMonthAnchored };

WindowConfig ConfigOf(Shape shape) {
  WindowConfig config = {.name = "w", .limit = *Amount::FromDouble(40)};
  absl::TimeZone berlin = absl::FixedTimeZone(60 * 60);
  if (shape != Shape::kRolling) config.kind = WindowKind::kAnchored;
  if (shape <= Shape::kAnchored) config.length = absl::Hours(5);
  if (shape == Shape::kWeek) config.length = 7 * kDay;
  if (shape >= Shape::kMonth) config.months = shape == Shape::kMonth ? 1 : 2;
  if (shape == Shape::kAnchored) config.anchor = absl::CivilSecond(2026, 3, 28, 4, 30);
  if (shape == Shape::kMonthAnchored) config.anchor = absl::CivilSecond(2026, 1, 30, 4, 30);
  config.zone = berlin;
  return config;
}

class WindowModelTest : public ::testing::TestWithParam<std::tuple<Shape, uint32_t>> {
 protected:
  int Pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Pick(1, 100) <= percent; }

  // What a daemon does, in random order; instants are coarse so that they often coincide.
  void Step() {
    const int scale = config_.months > 0 ? 24 * 30 : config_.length >= kDay ? 24 * 7 : 5;
    const std::optional<BootTime> reset = window_.reset();
    if (reset && Chance(15)) {
      now_ = std::max(now_, *reset - absl::Seconds(Pick(-2, 9)));
    } else if (Chance(30)) {
      now_ = now_ + absl::Seconds(Pick(0, 12));
    } else {
      now_ = now_ + absl::Minutes(scale) * Pick(0, Chance(10) ? 90 : 6);
    }
    window_.Advance(now_);
    const int what = Pick(1, 100);
    if (what <= 8) {
      const Amount amount = Amount::FromMicros(Pick(-3, 4) * 900'000);
      window_.AddForeign(now_, amount, absl::Minutes(Pick(1, 300)));
      model_.charges.push_back({now_, amount, /*foreign=*/true});
    } else if (what <= 65 || model_.charges.empty()) {
      const Amount amount = Amount::FromMicros(Pick(0, 4) * 700'000);
      window_.Add(now_, amount);
      if (amount > Amount()) model_.charges.push_back({now_, amount});
    } else if (what <= 80) {
      Entry& entry =
          model_.charges[static_cast<size_t>(Pick(0, static_cast<int>(model_.charges.size()) - 1))];
      const Amount amount = Amount::FromMicros(Pick(1, 9) * 300'000);
      if (entry.foreign) return;
      window_.Replace(entry.at, entry.amount, amount);
      entry.amount = amount;
    } else if (what <= 85) {
      TakeBack(AnyCharge());
    } else if (what <= 92) {
      const absl::Duration length = config_.months > 0 ? 28 * kDay : config_.length;
      const BootTime said =
          now_ + absl::Minutes(Pick(1, static_cast<int>(length / absl::Minutes(1))));
      window_.SetReset(said);
      model_.said = said;
    } else {
      Restart();
    }
  }

  Entry& AnyCharge() {
    const int last = static_cast<int>(model_.charges.size()) - 1;
    return model_.charges[static_cast<size_t>(Pick(std::max(0, last - 20), last))];
  }

  // As leases are: while they are open, which the reset of their window does not outlive here. What
  // begins where the provider's period does is not told apart from what began it.
  void TakeBack(const Entry& entry) {
    const bool first_of_all = entry.at == model_.charges.front().at;
    if (entry.foreign || !model_.Counts(entry, now_) || first_of_all) return;
    if (model_.said == entry.at + config_.length) return;
    window_.Remove(entry.at, entry.amount);
    const auto same = [&](const Entry& other) {
      return !other.foreign && other.at == entry.at && other.amount == entry.amount;
    };
    model_.charges.erase(std::find_if(model_.charges.begin(), model_.charges.end(), same));
  }

  void Restart() {
    Window again(config_);
    again.SetWallClock(model_.wall);
    const BootTime since = now_ - Window::History(config_);
    for (const Entry& entry : model_.charges) {
      if (entry.at > since && !entry.foreign) again.Add(entry.at, entry.amount);
    }
    for (const Entry& entry : model_.charges) {
      if (entry.at > since && entry.foreign) again.AddForeign(entry.at, entry.amount, kDay);
    }
    if (window_.known_reset()) again.SetReset(*window_.known_reset());
    again.Advance(now_);
    window_ = std::move(again);
  }

  void Check() {
    ASSERT_EQ(window_.used(), model_.Used(now_));
    Amount foreign;
    for (const Entry& entry : model_.charges) {
      if (entry.foreign && model_.Counts(entry, now_)) foreign += entry.amount;
    }
    ASSERT_EQ(window_.foreign(), foreign);
    ASSERT_EQ(window_.NextRelease(), model_.NextRelease(now_));
    const Amount amount = Amount::FromMicros(Pick(1, 40) * 1'000'000);
    const BootTime room = window_.RoomAt(amount);
    ASSERT_EQ(window_.HasRoomFor(amount), room == now_);
    ASSERT_LE(model_.Used(room) + amount, config_.limit);
    ASSERT_TRUE(room == now_ || model_.Used(room - absl::Microseconds(1)) + amount > config_.limit);
  }

  WindowConfig config_ = ConfigOf(std::get<0>(GetParam()));
  std::mt19937 random_{std::get<1>(GetParam())};
  BootTime now_ = BootTime::FromMicros(0) + absl::Hours(1);
  Model model_{config_};
  Window window_{config_};
};

TEST_P(WindowModelTest, IsAsTheModelAfterEveryStepAndRestart) {
  SCOPED_TRACE(::testing::Message() << "seed " << std::get<1>(GetParam()));
  model_.wall = {absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(2026, 3, 27), config_.zone))};
  window_.SetWallClock(model_.wall);
  for (int step = 0; step < 250 && !HasFatalFailure(); ++step) {
    Step();
    Check();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WindowModelTest,
                         ::testing::Combine(::testing::Values(Shape::kRolling, Shape::kFirstUse,
                                                              Shape::kAnchored, Shape::kWeek,
                                                              Shape::kMonth, Shape::kMonthAnchored),
                                            ::testing::Range<uint32_t>(1, 21)));

}  // namespace
}  // namespace zbroker::core
