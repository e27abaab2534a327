#include "client/zctl/csv.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

TEST(CsvTest, RecordEndsWithCrLf) { EXPECT_EQ(CsvRecord({"a", "b"}), "a,b\r\n"); }

TEST(CsvTest, EmptyFieldsStay) { EXPECT_EQ(CsvRecord({"", "", "c"}), ",,c\r\n"); }

TEST(CsvTest, CommaIsQuoted) { EXPECT_EQ(CsvRecord({"a,b"}), "\"a,b\"\r\n"); }

TEST(CsvTest, QuoteIsDoubled) { EXPECT_EQ(CsvRecord({"say \"hi\""}), "\"say \"\"hi\"\"\"\r\n"); }

TEST(CsvTest, LineBreaksAreQuoted) { EXPECT_EQ(CsvRecord({"a\r\nb"}), "\"a\r\nb\"\r\n"); }

TEST(CsvTest, SpacesAndUtf8NeedNoQuotes) { EXPECT_EQ(CsvRecord({" für "}), " für \r\n"); }

}  // namespace
}  // namespace zbroker::zctl
