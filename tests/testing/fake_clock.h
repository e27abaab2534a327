// Clocks that tests move.
#ifndef ZBROKER_TESTS_TESTING_FAKE_CLOCK_H_
#define ZBROKER_TESTS_TESTING_FAKE_CLOCK_H_

#include "client/base/clock.h"

namespace zbroker::testing {

// Not thread-safe.
class FakeClock final : public Clock {
 public:
  Now Read() const override { return now_; }

  // Real time passes.
  void Advance(absl::Duration length) {
    now_.boot = now_.boot + length;
    now_.wall += length;
  }
  // Somebody sets the wall clock.
  void StepWall(absl::Duration length) { now_.wall += length; }
  // The machine dies, and boots again after `outage` of real time.
  void Reboot(absl::Duration outage) {
    now_.wall += outage;
    now_.boot = BootTime::FromMicros(1'000'000);
  }

 private:
  Now now_{BootTime::FromMicros(3'600'000'000),
           absl::FromCivil(absl::CivilSecond(2026, 11, 22, 10, 0, 0), absl::UTCTimeZone())};
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_FAKE_CLOCK_H_
