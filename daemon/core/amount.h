// How much a lease charges a window, exact: sums over years of charges must not drift, so a weight
// like 0.4 is kept in millionths rather than in a double.
#ifndef ZBROKER_DAEMON_CORE_AMOUNT_H_
#define ZBROKER_DAEMON_CORE_AMOUNT_H_

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>

namespace zbroker::core {

class Amount {
 public:
  static constexpr double kLargest = 1e9;

  constexpr Amount() = default;
  static constexpr Amount FromMicros(int64_t micros) { return Amount(micros); }
  // Rounds to the nearest millionth. Empty when the value is negative, not a number, or larger than
  // kLargest.
  static std::optional<Amount> FromDouble(double value) {
    if (!(value >= 0 && value <= kLargest)) return std::nullopt;
    return Amount(std::llround(value * 1e6));
  }

  constexpr int64_t micros() const { return micros_; }
  constexpr double ToDouble() const { return static_cast<double>(micros_) / 1e6; }

  auto operator<=>(const Amount&) const = default;
  constexpr Amount operator+(Amount other) const { return Amount(micros_ + other.micros_); }
  constexpr Amount operator-(Amount other) const { return Amount(micros_ - other.micros_); }
  constexpr Amount& operator+=(Amount other) { return *this = *this + other; }
  constexpr Amount& operator-=(Amount other) { return *this = *this - other; }

 private:
  explicit constexpr Amount(int64_t micros) : micros_(micros) {}
  int64_t micros_ = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_AMOUNT_H_
