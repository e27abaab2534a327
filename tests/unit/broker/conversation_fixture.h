#ifndef ZBROKER_TESTS_UNIT_BROKER_CONVERSATION_FIXTURE_H_
#define ZBROKER_TESTS_UNIT_BROKER_CONVERSATION_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/broker/conversation.h"
#include "tests/testing/fake_clock.h"
#include "tests/unit/broker/fake_stream.h"

namespace zbroker::broker {

// A conversation, a clock that the test moves, and what the user is told.
class ConversationTest : public ::testing::Test {
 protected:
  // Leases that the test leaves to themselves are not given back.
  class NoLender final : public Lender {
   public:
    void StartRelease(uint64_t, v1::Outcome, const v1::ReleaseDetails&, ReleaseCallback) override {}
    void EndSeen(uint64_t) override {}
  };

  void Ask(const std::string& ticket, v1::Acquire request = {}) {
    request.set_ticket(ticket);
    conversation_.Ask(
        std::move(request),
        {.on_end =
             [this, ticket](absl::StatusOr<Lease> lease) {
               told_.push_back(lease.ok() ? absl::StrCat(ticket, " has ", lease->id())
                                          : absl::StrCat(ticket, ": ", lease.status().message()));
             },
         .on_away =
             [this, ticket](const absl::Status& why) {
               told_.push_back(absl::StrCat(ticket, " is away: ", why.message()));
             },
         .on_lost = [this, ticket](const std::string&) { told_.push_back(ticket + " is lost"); }},
        clock_.Read());
  }

  void Release(uint64_t lease_id, const std::string& message = "", bool under_way = false) {
    v1::ReleaseDetails details;
    details.set_under_way(under_way);
    details.set_message(message);
    Run([&](Conversation::Calls& calls) {
      conversation_.Release(
          lease_id, v1::OUTCOME_FAILED, details,
          [this, lease_id](const absl::Status& status) {
            told_.push_back(absl::StrCat(lease_id, " released: ", status.message()));
          },
          calls);
    });
  }

  void Greet() { conversation_.Greet(stream_, clock_.Read()); }
  void Part(const std::string& why = "gone") {
    Run([&](auto& calls) {
      conversation_.Part(absl::UnavailableError(why), clock_.Read(), calls);
    });
  }
  void FindNobody(const absl::Status& why) {
    Run([&](auto& calls) { conversation_.FindNobody(why, clock_.Read(), calls); });
  }
  void Withdraw(const std::string& ticket) {
    Run([&](auto& calls) { conversation_.Withdraw(ticket, /*keep_place=*/false, calls); });
  }

  void HearWelcome(const std::vector<uint64_t>& reclaimed) {
    v1::SessionReply reply;
    reply.mutable_welcome();
    for (const uint64_t id : reclaimed) reply.mutable_welcome()->add_reclaimed(id);
    Hear(reply);
  }
  void HearQueued(const std::string& ticket, int64_t arrival) {
    v1::SessionReply reply;
    reply.mutable_queued()->set_ticket(ticket);
    reply.mutable_queued()->set_arrival_boot_us(arrival);
    Hear(reply);
  }
  void HearGranted(const std::string& ticket, uint64_t lease_id) {
    v1::SessionReply reply;
    reply.mutable_granted()->set_ticket(ticket);
    reply.mutable_granted()->set_lease_id(lease_id);
    Hear(reply);
  }
  void HearRefused(const std::string& ticket, absl::StatusCode code, const std::string& words) {
    v1::SessionReply reply;
    reply.mutable_refused()->set_ticket(ticket);
    reply.mutable_refused()->set_code(static_cast<uint32_t>(code));
    reply.mutable_refused()->set_message(words);
    Hear(reply);
  }
  void HearReleased(uint64_t lease_id) {
    v1::SessionReply reply;
    reply.mutable_released()->set_lease_id(lease_id);
    Hear(reply);
  }
  void HearFailed(uint64_t lease_id, absl::StatusCode code, const std::string& words = "no") {
    v1::SessionReply reply;
    reply.mutable_failed()->set_lease_id(lease_id);
    reply.mutable_failed()->set_code(static_cast<uint32_t>(code));
    reply.mutable_failed()->set_message(words);
    Hear(reply);
  }
  void HearGoingDown() {
    v1::SessionReply reply;
    reply.mutable_going_down();
    Hear(reply);
  }
  void Hear(const v1::SessionReply& reply) {
    Run([&](auto& calls) { conversation_.Hear(reply, clock_.Read(), calls); });
  }

  // Lets time pass, and does what is due when it is due.
  void Pass(absl::Duration length) {
    const BootTime until = clock_.Read().boot + length;
    while (conversation_.next_look() <= until) {
      const absl::Duration step = conversation_.next_look() - clock_.Read().boot;
      if (step > absl::ZeroDuration()) clock_.Advance(step);
      Run([&](auto& calls) { conversation_.Attend(clock_.Read(), calls); });
    }
    clock_.Advance(until - clock_.Read().boot);
  }

  // A lease that the user holds.
  void Hold(const std::string& ticket, uint64_t lease_id) {
    Ask(ticket);
    HearGranted(ticket, lease_id);
    stream_.Said();
    told_.clear();
  }

  template <typename Action>
  void Run(const Action& action) {
    Conversation::Calls calls;
    action(calls);
    for (const auto& call : calls) call();
  }

  // What the user was told since the last call.
  std::vector<std::string> Told() { return std::exchange(told_, {}); }

  testing::FakeClock clock_;
  FakeStream stream_;
  const std::shared_ptr<NoLender> lender_ = std::make_shared<NoLender>();
  Conversation conversation_{
      {.client_name = "test", .broker_timeout = absl::Seconds(30)},
      [this](const v1::Granted& granted) { return Lease(lender_, granted); }};
  std::vector<std::string> told_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_TESTS_UNIT_BROKER_CONVERSATION_FIXTURE_H_
