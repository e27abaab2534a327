// Drives a Broker the way the engine does, and keeps what comes out.
#ifndef ZBROKER_TESTS_UNIT_CORE_HARNESS_H_
#define ZBROKER_TESTS_UNIT_CORE_HARNESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/core/broker.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::core {

// The account `default` with `slots` slots and the given windows.
inline BrokerConfig OneAccount(int slots, std::vector<WindowConfig> windows = {}) {
  BrokerConfig config = BrokerConfig::Defaults();
  config.accounts[0].slots.limit = slots;
  config.accounts[0].windows = std::move(windows);
  return config;
}

inline Amount Units(double value) { return *Amount::FromDouble(value); }

// Charges without a Quota, of windows by their number.
struct ChargesForTest {
  static Charges Make(const std::vector<Amount>& amounts) {
    Charges charges;
    for (uint32_t i = 0; i < amounts.size(); ++i) {
      if (amounts[i] == Amount()) continue;
      charges.parts_.push_back({i, amounts[i], false});
      charges.windows_ |= WindowSet{1} << i;
    }
    return charges;
  }
  static Amount Of(const Charges& charges, uint32_t window) { return charges.Of(window); }
};

class BrokerTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kUid = 1000;

  void Start(BrokerConfig config) { broker_.emplace(std::move(config)); }

  // A client on a stream of its own; its pid is 100 + the stream.
  static Client OnStream(StreamId stream, uint32_t uid = kUid) {
    return {.stream = stream,
            .connection = stream,
            .holder = {.pid = static_cast<int32_t>(100 + stream),
                       .uid = uid,
                       .start_ticks = 7,
                       .program = "test"}};
  }

  static Acquire AskFor(StreamId stream, const std::string& ticket, const std::string& model) {
    Acquire acquire = Ask(stream, ticket);
    acquire.request.model = model;
    return acquire;
  }

  static Acquire Ask(StreamId stream, const std::string& ticket, Kind kind = Kind::kCall) {
    Acquire acquire;
    acquire.client = OnStream(stream);
    acquire.request.ticket = ticket;
    acquire.request.kind = kind;
    return acquire;
  }

  // By a client that reports what the upstream answers, and takes a throttle back.
  static Acquire AskReporting(StreamId stream) {
    Acquire acquire = Ask(stream, absl::StrCat("t", stream));
    acquire.reports = acquire.takes_throttles = true;
    return acquire;
  }

  // One batch of one command.
  void Do(const Command& command) {
    Effects effects;
    broker_->Apply(command, now_, effects);
    Settle(effects);
  }

  // Lets time pass, stopping at each deadline on the way as the engine would.
  void Pass(absl::Duration length) {
    const BootTime until = now_ + length;
    for (;;) {
      const BootTime next = broker_->NextDeadline();
      if (next > until) break;
      now_ = std::max(now_, next);
      Effects effects;
      Settle(effects);
      ASSERT_GT(broker_->NextDeadline(), now_) << "a deadline that settling does not clear";
    }
    now_ = until;
  }

  // The latest event of the type for the stream; fails the test if there is none.
  template <typename T>
  T Last(StreamId stream) {
    for (auto at = events_.rbegin(); at != events_.rend(); ++at) {
      if (at->stream != stream) continue;
      if (const T* event = std::get_if<T>(&at->event)) return *event;
    }
    ADD_FAILURE() << "stream " << stream << " got no such event";
    return T();
  }

  template <typename T>
  int Count(StreamId stream) const {
    int count = 0;
    for (const AddressedEvent& one : events_) {
      count += one.stream == stream && std::holds_alternative<T>(one.event) ? 1 : 0;
    }
    return count;
  }

  template <typename T>
  std::vector<T> Records() const {
    std::vector<T> all;
    for (const Record& record : records_) {
      if (const T* one = std::get_if<T>(&record)) all.push_back(*one);
    }
    return all;
  }

  // Asks and expects to get.
  LeaseId Take(StreamId stream, const std::string& ticket, Kind kind = Kind::kCall) {
    Do(Ask(stream, ticket, kind));
    const Granted granted = Last<Granted>(stream);
    EXPECT_EQ(granted.ticket, ticket);
    return granted.lease;
  }

  void GiveBack(StreamId stream, LeaseId lease, Outcome outcome = Outcome::kOk,
                ReleaseDetails details = {}) {
    Do(Release{.client = OnStream(stream),
               .lease = lease,
               .outcome = outcome,
               .details = std::move(details)});
  }

  // The slots that are taken: neither nested leases nor shadows are counted.
  int InFlight() { return Look().in_flight; }
  AccountSnapshot Look() { return broker_->TakeSnapshot(now_).accounts.at(0); }

  void Settle(Effects& effects) {
    broker_->Settle(now_, effects);
    events_.insert(events_.end(), effects.events.begin(), effects.events.end());
    records_.insert(records_.end(), effects.records.begin(), effects.records.end());
  }

  std::optional<Broker> broker_;
  BootTime now_ = BootTime::FromMicros(1'000'000'000);
  std::vector<AddressedEvent> events_;
  std::vector<Record> records_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_TESTS_UNIT_CORE_HARNESS_H_
