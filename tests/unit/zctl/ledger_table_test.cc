#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/zctl/ledger_writer.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

LedgerTableOptions Options(size_t rows_max = 0) {
  return {.view = Plain(), .now = absl::FromUnixSeconds(kNoon), .rows_max = rows_max};
}

std::string Render(v1::GroupBy by, const v1::LedgerPage& page, size_t rows_max = 0) {
  const auto writer = MakeLedgerTable(by, Options(rows_max));
  const std::string begin = writer->Add(page);
  return begin + writer->Finish();
}

v1::LedgerPage Rows(uint64_t count) {
  v1::LedgerPage page;
  for (uint64_t id = 1; id <= count; ++id) page.add_rows()->set_lease_id(id);
  return page;
}

TEST(LedgerTableTest, NoRows) {
  EXPECT_EQ(Render(v1::GROUP_BY_UNSPECIFIED, {}), "no leases in the ledger match\n");
}

TEST(LedgerTableTest, RowsSayHowTheyEnded) {
  const auto page = Parse<v1::LedgerPage>(
      absl::StrCat(R"(
    rows { lease_id: 7 account: 'default' session: 'ci' program: 'claude' kind: KIND_PROMPT
           weight: 1
           queued { seconds: )",
                   kNoon - 86400, " } granted { seconds: ", kNoon - 86397,
                   " } closed { seconds: ", kNoon - 86350, R"( } outcome: OUTCOME_THROTTLE
           upstream_code: '1302' }
    rows { lease_id: 8 account: 'default' session: 'ci' program: 'claude' kind: KIND_PROMPT
           weight: 1
           queued { seconds: )",
                   kNoon, " } granted { seconds: ", kNoon, " } }"));
  EXPECT_EQ(Render(v1::GROUP_BY_UNSPECIFIED, page),
            "        GRANTED  LEASE  PROGRAM  SESSION  KIND    WAITED  HELD  OUTCOME\n"
            "Nov 21 12:00:03      7  claude   ci       prompt    3.0s   47s  throttle 1302\n"
            "       12:00:00      8  claude   ci       prompt      0s        open\n");
}

TEST(LedgerTableTest, RowsSayWhatTheAnswerReported) {
  const auto page = Parse<v1::LedgerPage>(absl::StrCat(
      "rows { lease_id: 7 attempt: 2 queued { seconds: ", kNoon, " } granted { seconds: ", kNoon,
      " } first_byte { seconds: ", kNoon + 3, " } closed { seconds: ", kNoon + 9,
      " } outcome: OUTCOME_TRANSIENT http_status: 502",
      " usage { input_tokens: 300 cached_tokens: 12000 output_tokens: 320 } }"));
  EXPECT_EQ(Render(v1::GROUP_BY_UNSPECIFIED, page),
            " GRANTED  LEASE  TRY  WAITED  FIRST BYTE  HELD  TOKENS IN/OUT  OUTCOME\n"
            "12:00:00      7    2      0s        3.0s  9.0s      12.3k/320  transient HTTP 502\n");
}

TEST(LedgerTableTest, GroupsSumTheirTokens) {
  const auto page = Parse<v1::LedgerPage>(R"(
    groups { key: 'a' leases: 1 charged: 2 usage { input_tokens: 1 output_tokens: 2 } }
    groups { key: 'b' leases: 1 charged: 1 usage { cached_tokens: 10 output_tokens: 20 } })");
  EXPECT_EQ(Render(v1::GROUP_BY_SESSION, page),
            "SESSION  LEASES  CHARGED  HELD  WAITED  TOKENS IN/OUT  THROTTLED  LOST\n"
            "a             1        2    0s      0s            1/2          0     0\n"
            "b             1        1    0s      0s          10/20          0     0\n"
            "all           2        3    0s      0s          11/22          0     0\n");
}

TEST(LedgerTableTest, ShowsTheLatestAndSaysHowToSeeMore) {
  const std::string text = Render(v1::GROUP_BY_UNSPECIFIED, Rows(4), 3);
  EXPECT_EQ(text.find("      1  "), std::string::npos) << text;
  EXPECT_NE(text.find("      2  "), std::string::npos) << text;
  EXPECT_NE(text.find("the latest 3 leases; --limit N shows more, --csv and --json all\n"),
            std::string::npos)
      << text;
}

TEST(LedgerTableTest, SaysNothingWhenAllAreShown) {
  EXPECT_EQ(Render(v1::GROUP_BY_UNSPECIFIED, Rows(3), 3).find("latest"), std::string::npos);
}

TEST(LedgerTableTest, LongAnswersComeInBlocks) {
  const auto writer = MakeLedgerTable(v1::GROUP_BY_UNSPECIFIED, Options());
  EXPECT_EQ(writer->Add(Rows(999)), "");
  const std::string block = writer->Add(Rows(1));
  EXPECT_EQ(std::count(block.begin(), block.end(), '\n'), 1001);
  EXPECT_EQ(writer->Finish(), "");
}

TEST(LedgerTableTest, GroupsAreSortedByChargeAndSummedUp) {
  const auto page = Parse<v1::LedgerPage>(R"(
    groups { key: '' leases: 1 charged: 1 held { seconds: 10 } waited { nanos: 600000000 } }
    groups { key: 'ci' leases: 2 charged: 5.5 held { seconds: 20 } waited { nanos: 600000000 }
             throttled: 1 lost: 1 })");
  EXPECT_EQ(Render(v1::GROUP_BY_SESSION, page),
            "SESSION  LEASES  CHARGED  HELD  WAITED  THROTTLED  LOST\n"
            "ci            2      5.5   20s   600ms          1     1\n"
            "(none)        1        1   10s   600ms          0     0\n"
            "all           3      6.5   30s    1.2s          1     1\n");
}

TEST(LedgerTableTest, HoursAreInOrderAndInLocalTime) {
  const auto page = Parse<v1::LedgerPage>(R"(
    groups { key: '2026-11-21T09:00:00Z' leases: 1 charged: 1 }
    groups { key: '2026-11-22T09:00:00Z' leases: 1 charged: 2 })");
  LedgerTableOptions options = Options();
  options.view.zone = absl::FixedTimeZone(3600);
  const auto writer = MakeLedgerTable(v1::GROUP_BY_HOUR, options);
  writer->Add(page);
  EXPECT_EQ(writer->Finish(),
            "HOUR             LEASES  CHARGED  HELD  WAITED  THROTTLED  LOST\n"
            "Nov 21 10:00:00       1        1    0s      0s          0     0\n"
            "10:00:00              1        2    0s      0s          0     0\n"
            "all                   2        3    0s      0s          0     0\n");
}

TEST(LedgerTableTest, LongNamesPushNothingOffTheScreen) {
  const std::string name(256, 'x');
  const std::string shown = std::string(39, 'x') + "…";
  const auto row = Parse<v1::LedgerPage>(absl::StrCat(
      "rows { lease_id: 7 session: '", name, "' program: 'claude' queued { seconds: ", kNoon,
      " } granted { seconds: ", kNoon, " } }"));
  EXPECT_EQ(Render(v1::GROUP_BY_UNSPECIFIED, row),
            absl::StrCat(" GRANTED  LEASE  PROGRAM  SESSION", std::string(35, ' '),
                         "WAITED  OUTCOME\n12:00:00      7  claude   ", shown, "      0s  open\n"));
  const auto group = Parse<v1::LedgerPage>(absl::StrCat("groups { key: '", name, "' leases: 1 }"));
  const std::string sums = Render(v1::GROUP_BY_SESSION, group);
  EXPECT_NE(sums.find(absl::StrCat("\n", shown, "       1")), std::string::npos) << sums;
}

TEST(LedgerTableTest, KeysAreEscaped) {
  EXPECT_NE(Render(v1::GROUP_BY_SESSION, Parse<v1::LedgerPage>("groups { key: 'a\\033c' }"))
                .find("a\\x1bc"),
            std::string::npos);
}

}  // namespace
}  // namespace zbroker::zctl
