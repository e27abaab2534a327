#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/zctl/ledger_writer.h"
#include "google/protobuf/util/json_util.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

// The whole answer for pages of two rows and one row.
std::string ThreeRows(JsonStyle style) {
  const auto writer = MakeLedgerJson(v1::GROUP_BY_UNSPECIFIED, style);
  const std::string first =
      writer->Add(Parse<v1::LedgerPage>("rows { lease_id: 1 } rows { lease_id: 2 }"));
  const std::string second = writer->Add(Parse<v1::LedgerPage>("rows { lease_id: 3 }"));
  return absl::StrCat(first, second, writer->Finish());
}

TEST(LedgerJsonTest, EmptyAnswerIsAnEmptyList) {
  EXPECT_EQ(MakeLedgerJson(v1::GROUP_BY_UNSPECIFIED, JsonStyle::kOneLine)->Finish(),
            "{\"schema_version\":1,\"rows\":[]}\n");
}

TEST(LedgerJsonTest, PagesMakeOneObject) {
  for (const JsonStyle style : {JsonStyle::kOneLine, JsonStyle::kIndented}) {
    v1::LedgerPage read;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ThreeRows(style), &read, options).ok());
    ASSERT_EQ(read.rows_size(), 3);
    EXPECT_EQ(read.rows(2).lease_id(), 3u);
  }
}

TEST(LedgerJsonTest, OneLineIsOneLine) {
  const std::string json = ThreeRows(JsonStyle::kOneLine);
  EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST(LedgerJsonTest, OpenLeaseHasANullEnd) {
  EXPECT_NE(ThreeRows(JsonStyle::kOneLine).find("\"closed\":null"), std::string::npos);
}

TEST(LedgerJsonTest, GroupsAreUnderTheirOwnKey) {
  const auto writer = MakeLedgerJson(v1::GROUP_BY_HOUR, JsonStyle::kIndented);
  const std::string begin = writer->Add(Parse<v1::LedgerPage>("groups { key: 'h' leases: 1 }"));
  EXPECT_EQ(begin + writer->Finish(), R"({
  "schema_version": 1,
  "groups": [
    {
      "key": "h",
      "leases": "1",
      "charged": 0,
      "held": null,
      "waited": null,
      "throttled": "0",
      "lost": "0",
      "usage": null
    }
  ]
}
)");
}

TEST(LedgerJsonTest, NothingIsPrintedBeforeTheFirstRow) {
  const auto writer = MakeLedgerJson(v1::GROUP_BY_UNSPECIFIED, JsonStyle::kOneLine);
  EXPECT_EQ(writer->Add({}), "");
  EXPECT_EQ(writer->Finish(), "{\"schema_version\":1,\"rows\":[]}\n");
}

}  // namespace
}  // namespace zbroker::zctl
