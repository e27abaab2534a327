#include "client/zctl/waiter_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

TEST(WaiterViewTest, NoWaiters) { EXPECT_EQ(RenderWaiters({}, Plain()), "nobody waits\n"); }

TEST(WaiterViewTest, ShowsPlaceEstimateDeadlineAndReason) {
  const auto list = Parse<v1::WaiterList>(absl::StrCat(R"(
    waiters { position: 1 session: 'ci' kind: KIND_PROMPT weight: 1 priority: PRIORITY_NORMAL
              holder { pid: 9 program: 'claude' } detail: 'all 3 slots are taken'
              queued { seconds: )",
                                                       kNoon - 12, R"( } waited { seconds: 12 }
              estimate { seconds: 30 } deadline { seconds: )",
                                                       kNoon + 60, R"( } }
    waiters { position: 2 session: 'ci' kind: KIND_PROMPT weight: 1
              priority: PRIORITY_INTERACTIVE holder { pid: 10 program: 'node' }
              reason: WAIT_REASON_SLOTS waited { seconds: 11 } })"));
  EXPECT_EQ(
      RenderWaiters(list, Plain()),
      "#  PROGRAM  PID  SESSION  KIND    PRIORITY     FOR   EST  DEADLINE  WHY\n"
      "1  claude     9  ci       prompt  normal       12s  ~30s  12:01:00  all 3 slots are taken\n"
      "2  node      10  ci       prompt  interactive  11s                  every slot is taken\n");
}

TEST(WaiterViewTest, SentBackWaiterShowsItsAttempt) {
  const auto list = Parse<v1::WaiterList>(
      "waiters { position: 1 model: 'glm-4.7' session: 'ci' holder { pid: 9 program: 'claude' } "
      "attempt: 3 reason: WAIT_REASON_BLOCKED waited { seconds: 12 } }");
  EXPECT_EQ(RenderWaiters(list, Plain()),
            "#  PROGRAM  PID  SESSION  MODEL    TRY  FOR  WHY\n"
            "1  claude     9  ci       glm-4.7    3  12s  the upstream asked for a pause\n");
}

TEST(WaiterViewTest, GoneClientHasNoPosition) {
  const auto waiter = Parse<v1::WaiterInfo>("client_gone: true");
  EXPECT_EQ(WaiterPosition(waiter), "-");
  EXPECT_EQ(WaiterReasonCell(waiter).text, "its client is gone, place kept");
}

TEST(WaiterViewTest, ReasonOfTheDaemonIsEscaped) {
  EXPECT_EQ(WaiterReasonCell(Parse<v1::WaiterInfo>("detail: 'window \\r5h'")).text,
            "window \\x0d5h");
}

TEST(WaiterViewTest, EstimateThatIsUnknownIsEmpty) {
  EXPECT_EQ(WaiterEstimate(v1::WaiterInfo()), "");
}

}  // namespace
}  // namespace zbroker::zctl
