#include "shims/zai/look.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace zbroker::zai {
namespace {

TEST(LookTest, FirstBytesTellEventsFromDocuments) {
  const std::pair<absl::string_view, Look> beginnings[] = {
      {"{", Look::kDocument},
      {" \r\n[1", Look::kDocument},
      {"\xEF\xBB\xBF{\"a\":1}", Look::kDocument},
      {"data:{", Look::kEvents},
      {"event: ping\n", Look::kEvents},
      {"id: 1\n", Look::kEvents},
      {"retry: 5\n", Look::kEvents},
      {": comment\n", Look::kEvents},
      {"\xEF\xBB\xBF\n\ndata: {", Look::kEvents},
      {"<html>", Look::kOther},
      {"database", Look::kOther},
      {"\x1F\x8B", Look::kOther},
      {"", Look::kUndecided},
      {"\r\n ", Look::kUndecided},
      {"dat", Look::kUndecided},
      {"\xEF\xBB", Look::kUndecided},
  };
  for (const auto& [beginning, look] : beginnings) EXPECT_EQ(LookOf(beginning), look) << beginning;
}

TEST(LookTest, MoreBytesChangeNothingThatIsDecided) {
  for (const std::string& body :
       {std::string("event: x\ndata: {}\n\n"), std::string(" {\"data:\":1}"),
        std::string("\xEF\xBB\xBF data: x\n"), std::string("evening news: {")}) {
    Look before = Look::kUndecided;
    for (size_t size = 0; size <= body.size(); ++size) {
      const Look look = LookOf(absl::string_view(body).substr(0, size));
      EXPECT_TRUE(before == Look::kUndecided || look == before) << body << " " << size;
      before = look;
    }
    EXPECT_NE(before, Look::kUndecided) << body;
  }
}

}  // namespace
}  // namespace zbroker::zai
