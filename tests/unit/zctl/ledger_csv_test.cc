#include <gtest/gtest.h>

#include "client/zctl/ledger_writer.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

constexpr char kRowHeader[] =
    "lease_id,account,model,kind,priority,weight,session,parent_lease_id,program,pid,uid,queued,"
    "granted,closed,outcome,upstream_code,detail,attempt,first_byte,http_status,input_tokens,"
    "cached_tokens,output_tokens,served_model,via,project\r\n";

TEST(LedgerCsvTest, EmptyAnswerHasAHeader) {
  EXPECT_EQ(MakeLedgerCsv(v1::GROUP_BY_UNSPECIFIED)->Finish(), kRowHeader);
}

TEST(LedgerCsvTest, RowHasEveryField) {
  const auto page = Parse<v1::LedgerPage>(R"(
    rows { lease_id: 7 account: 'default' model: 'glm-4.6' kind: KIND_PROMPT
           priority: PRIORITY_NORMAL weight: 1.5 session: 'a, "b"' parent_lease_id: 3
           program: 'claude' pid: 9 uid: 1000 queued { seconds: 0 } granted { seconds: 1 }
           closed { seconds: 2 nanos: 500000000 } outcome: OUTCOME_THROTTLE upstream_code: '1302'
           detail: 'slow down' attempt: 2 first_byte { seconds: 2 } http_status: 429
           usage { input_tokens: 5 cached_tokens: 6 output_tokens: 7 } served_model: 'glm-4.5'
           via: 'gateway' project: 'shop' })");
  EXPECT_EQ(MakeLedgerCsv(v1::GROUP_BY_UNSPECIFIED)->Add(page),
            std::string(kRowHeader) +
                "7,default,glm-4.6,prompt,normal,1.5,\"a, \"\"b\"\"\",3,claude,9,1000,"
                "1970-01-01T00:00:00Z,1970-01-01T00:00:01Z,1970-01-01T00:00:02.500Z,throttle,1302,"
                "slow down,2,1970-01-01T00:00:02Z,429,5,6,7,glm-4.5,gateway,shop\r\n");
}

TEST(LedgerCsvTest, OpenLeaseHasNoEnd) {
  const auto page = Parse<v1::LedgerPage>("rows { lease_id: 7 }");
  EXPECT_EQ(MakeLedgerCsv(v1::GROUP_BY_UNSPECIFIED)->Add(page),
            std::string(kRowHeader) +
                "7,,,,,0,,0,,0,0,1970-01-01T00:00:00Z,1970-01-01T00:00:00Z,,,,,0,,,,,,,,\r\n");
}

TEST(LedgerCsvTest, HeaderComesOnce) {
  const auto page = Parse<v1::LedgerPage>("rows { lease_id: 7 }");
  const auto writer = MakeLedgerCsv(v1::GROUP_BY_UNSPECIFIED);
  writer->Add(page);
  EXPECT_EQ(writer->Add(page).find("lease_id"), std::string::npos);
  EXPECT_EQ(writer->Finish(), "");
}

TEST(LedgerCsvTest, GroupsAreNamedByTheirKey) {
  const auto page = Parse<v1::LedgerPage>(R"(
    groups { key: 'glm-4.6' leases: 3 charged: 4.5 held { seconds: 90 nanos: 5000000 }
             waited { } throttled: 1 lost: 2
             usage { input_tokens: 5 cached_tokens: 6 output_tokens: 7 } })");
  EXPECT_EQ(MakeLedgerCsv(v1::GROUP_BY_MODEL)->Add(page),
            "model,leases,charged,held_s,waited_s,throttled,lost,input_tokens,cached_tokens,"
            "output_tokens\r\n"
            "glm-4.6,3,4.5,90.005,0.000,1,2,5,6,7\r\n");
}

}  // namespace
}  // namespace zbroker::zctl
