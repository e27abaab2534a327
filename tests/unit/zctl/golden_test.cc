// The screens as they are at three widths, with UTF-8 and without: golden/NAME.txt. With
// ZBROKER_WRITE_GOLDEN=1 in its environment this writes them, for a person to look at and commit.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/zctl/ascii.h"
#include "client/zctl/explain_view.h"
#include "client/zctl/ledger_writer.h"
#include "client/zctl/limit_view.h"
#include "client/zctl/status_view.h"
#include "client/zctl/waiter_view.h"
#include "client/zctl/width.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

using testing::ReadFile;
using testing::WriteFile;
using Render = std::function<std::string(const ViewOptions&)>;

constexpr size_t kWidths[] = {60, 80, 140};

// $T is noon, $T+60 a minute later.
template <typename Message>
Message At(absl::string_view text) {
  std::string out(text);
  for (const int64_t seconds : {-3600, -300, -192, -41, -12, 34, 300, 2820, 72000, 7200}) {
    out = absl::StrReplaceAll(out, {{absl::StrCat("$T", seconds < 0 ? "" : "+", seconds),
                                     absl::StrCat(kNoon + seconds)}});
  }
  return Parse<Message>(absl::StrReplaceAll(out, {{"$T", absl::StrCat(kNoon)}}));
}

std::string WriteOut(const Render& render) {
  std::string out;
  for (const size_t width : kWidths) {
    const std::string text = render(Plain(width));
    absl::StrAppend(&out, "=== ", width, " columns, UTF-8\n", text, "=== ", width,
                    " columns, ASCII\n", ToAscii(text));
  }
  return out;
}

void ExpectGolden(const std::string& name, const Render& render) {
  const std::string path = absl::StrCat(ZBROKER_GOLDEN, "/", name, ".txt");
  const std::string text = WriteOut(render);
  const char* const write = getenv("ZBROKER_WRITE_GOLDEN");
  if (write != nullptr && *write != '\0') {
    WriteFile(path, text);
    return;
  }
  EXPECT_EQ(ReadFile(path), text);
}

// What holds whatever the golden file says.
void ExpectFit(const Render& render) {
  for (const size_t width : kWidths) {
    for (const absl::string_view line : absl::StrSplit(render(Plain(width)), '\n')) {
      EXPECT_LE(DisplayWidth(line), width) << line;
      const std::string ascii = ToAscii(line);
      EXPECT_EQ(DisplayWidth(ascii), DisplayWidth(line)) << line;
      EXPECT_EQ(ascii.size(), DisplayWidth(ascii)) << ascii;
    }
  }
}

constexpr char kWaiters[] = R"(
    waiters { account: 'default' position: 1 session: '41b0c7d2-77aa-4e0c-8d1e-abcdef012345'
              project: 'shop' model: 'glm-5.2' kind: KIND_PROMPT priority: PRIORITY_INTERACTIVE
              weight: 1 holder { pid: 48300 program: 'claude' via: 'zlease-gateway' via_pid: 48290 }
              reason: WAIT_REASON_SLOTS detail: 'all 3 slots are taken' queued { seconds: $T-12 }
              waited { seconds: 12 } estimate { seconds: 34 } attempt: 1 }
    waiters { account: 'default' position: 2 session: 'nightly' project: 'blog' kind: KIND_PROMPT
              priority: PRIORITY_BACKGROUND weight: 1 holder { pid: 48511 program: 'summarise.py' }
              reason: WAIT_REASON_PACE queued { seconds: $T-192 } waited { seconds: 192 }
              detail: 'background work is ahead of the pace of window week until Wed 06:20'
              deadline { seconds: $T+7200 } attempt: 2 })";

std::string StatusText() {
  return absl::StrCat(R"(
  now { seconds: $T }
  accounts {
    name: 'default'
    slots { limit: 3 in_flight: 3 waiting: 2 quarantined: 1 learned: true configured: 2
            source: 'learned' cool_down_until { seconds: $T+34 } }
    windows { name: '5h' unit: 'prompts' used: 487 limit: 600 next_release { seconds: $T+7200 } }
    windows { name: 'week' unit: 'prompts' used: 3812 limit: 4000
              next_release { seconds: $T+72000 } }
    blocks { reason: BLOCK_REASON_COOL_DOWN until { seconds: $T+34 } upstream_code: '1302'
              detail: 'throttled (1302): Rate limit reached for requests' }
    totals { granted: 1234 throttled: 2 lost: 1 }
    leases { lease_id: 1041 model: 'glm-5.2' session: '8c1f2a9e-0b1c-4d2e-9f3a-1234567890ab'
             project: 'shop' holder { pid: 48213 program: 'claude' } state: LEASE_STATE_HELD
             granted { seconds: $T-192 } held { seconds: 192 } }
    leases { lease_id: 1042 host_lease_id: 1041 session: '8c1f2a9e-0b1c-4d2e-9f3a-1234567890ab'
             project: 'caf\303\251' holder { pid: 48377 program: 'node' } state: LEASE_STATE_HELD
             granted { seconds: $T-41 } held { seconds: 41 } }
    leases { lease_id: 1043 session: 'ci' holder { pid: 48401 program: 'python3' }
             state: LEASE_STATE_QUARANTINED granted { seconds: $T-12 } held { seconds: 12 }
             until { seconds: $T } })",
                      kWaiters, R"( }
  gateways { address: '127.0.0.1:8787' upstream: 'https://api.z.ai/api/anthropic' pid: 48290
             started { seconds: $T-3600 } }
  daemon { version: '0.1.0' pid: 4312 started { seconds: $T-3600 } })");
}

std::string Status(const ViewOptions& options) {
  return RenderStatus(At<v1::Status>(StatusText()), options);
}

std::string Queue(const ViewOptions& options) {
  return RenderWaiters(At<v1::WaiterList>(kWaiters), options);
}

std::string Limit(const ViewOptions& options) {
  return RenderLimits(At<v1::Status>(R"(
  now { seconds: $T }
  accounts {
    name: 'default'
    slots {
      limit: 4 in_flight: 3 waiting: 1 learned: true source: 'learned' configured: 3
      learned_limits { hours: 'off-peak' limit: 4 ceiling: 4 in_force: true
                       reason: 'throttled (1302) with 5 in flight'
                       confirmed { seconds: $T-300 } changed { seconds: $T-3600 }
                       next_trial { seconds: $T+300 } }
      learned_limits { hours: 'peak' limit: 2 reason: 'as configured' }
      model_limits { model: 'glm-5' hours: 'off-peak' limit: 1 ceiling: 1 in_flight: 1
                     in_force: true reason: 'throttled (1302) with 2 in flight'
                     confirmed { seconds: $T-300 } next_trial { seconds: $T+2820 } } } })"),
                      options);
}

std::string Explain(const ViewOptions& options) {
  return RenderExplanation(At<v1::Explanation>(absl::StrCat(R"(
  now { seconds: $T }
  accounts {
    account: 'default' in_flight: 3 limit: 3 waiting: 2
    verdict: '2 requests wait: all 3 slots are taken'
    kept { waiters: 1 gate { name: 'slots' binds: true applies: true
           detail: 'all 3 slots are taken' opens: 'the end of one of the leases 1041, 1043' } }
    kept { waiters: 1 gate { name: 'pace' binds: true applies: true
           detail: 'background work is ahead of the pace of window week'
           until { seconds: $T+72000 } } }
    oldest { lease_id: 1041 holder { pid: 48213 program: 'claude' } held { seconds: 192 } }
    first {
      ticket: 't' before: 0
      waiter { account: 'default' position: 1 session: 'nightly' waited { seconds: 192 }
               holder { pid: 48511 program: 'summarise.py' } detail: 'all 3 slots are taken'
               estimate { seconds: 34 } }
      gates { name: 'pause' applies: true passed: true
              detail: 'no administrator has paused it' }
      gates { name: 'slots' applies: true binds: true detail: 'all 3 slots are taken'
              opens: 'the end of one of the leases 1041, 1043' }
      gates { name: 'window' applies: true passed: true detail: 'there is room in 5h, week' }
      gates { name: 'nesting' passed: true detail: 'it was not started under a lease that is open' }
    } })")),
                           options);
}

std::string Ledger(const ViewOptions& options) {
  const LedgerTableOptions table{.view = options, .now = absl::FromUnixSeconds(kNoon)};
  const auto rows = MakeLedgerTable(v1::GROUP_BY_UNSPECIFIED, table);
  rows->Add(At<v1::LedgerPage>(R"(
    rows { lease_id: 1039 account: 'default' model: 'glm-5.2' kind: KIND_PROMPT weight: 1
           session: '8c1f2a9e-0b1c-4d2e-9f3a-1234567890ab' project: 'shop' program: 'claude'
           queued { seconds: $T-300 } granted { seconds: $T-300 } first_byte { seconds: $T-192 }
           closed { seconds: $T-41 } outcome: OUTCOME_OK attempt: 1
           usage { input_tokens: 1200 cached_tokens: 40000 output_tokens: 830 } }
    rows { lease_id: 1040 account: 'default' kind: KIND_PROMPT weight: 1 session: 'nightly'
           project: 'blog' program: 'summarise.py' queued { seconds: $T-192 }
           granted { seconds: $T-41 } closed { seconds: $T-12 } outcome: OUTCOME_THROTTLE
           upstream_code: '1302' attempt: 2 }
    rows { lease_id: 1041 account: 'default' kind: KIND_CALL weight: 1 session: 'nightly'
           program: 'curl' queued { seconds: $T-12 } granted { seconds: $T-12 } attempt: 1 })"));
  const auto sums = MakeLedgerTable(v1::GROUP_BY_PROJECT, table);
  sums->Add(At<v1::LedgerPage>(R"(
    groups { key: '' leases: 3 charged: 3 held { seconds: 41 } waited { } }
    groups { key: 'blog' leases: 40 charged: 38.5 held { seconds: 7200 } waited { seconds: 300 }
             throttled: 2 lost: 1 }
    groups { key: 'shop' leases: 412 charged: 96 held { seconds: 3600 } waited { seconds: 34 }
             usage { input_tokens: 120000 cached_tokens: 4000000 output_tokens: 83000 } })"));
  return absl::StrCat(rows->Finish(), "\n", sums->Finish());
}

struct Screen {
  const char* name;
  std::string (*render)(const ViewOptions&);
};

class GoldenTest : public ::testing::TestWithParam<Screen> {};

TEST_P(GoldenTest, LooksAsItDid) { ExpectGolden(GetParam().name, GetParam().render); }

TEST_P(GoldenTest, FitsItsWidthWithUtf8AndWithout) { ExpectFit(GetParam().render); }

INSTANTIATE_TEST_SUITE_P(Screens, GoldenTest,
                         ::testing::Values(Screen{"status", Status}, Screen{"queue", Queue},
                                           Screen{"ledger", Ledger}, Screen{"limit", Limit},
                                           Screen{"explain", Explain}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace zbroker::zctl
