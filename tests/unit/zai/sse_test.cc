#include "shims/zai/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace zbroker::zai {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "name|data" of each event, oversized ones as "name|!".
std::vector<std::string> Read(absl::string_view stream, size_t piece = 1 << 30) {
  std::vector<std::string> events;
  EventReader reader;
  const auto sink = [&](const Event& event) {
    events.push_back(absl::StrCat(event.name, "|", event.oversized ? "!" : event.data));
  };
  for (size_t at = 0; at < stream.size(); at += piece) reader.Feed(stream.substr(at, piece), sink);
  reader.Finish(sink);
  return events;
}

TEST(EventReaderTest, LineEndsOfAllKinds) {
  EXPECT_THAT(Read("event: a\ndata: 1\n\nevent:b\r\ndata:2\r\n\r\ndata: 3\r\rdata: 4\n\n"),
              ElementsAre("a|1", "b|2", "|3", "|4"));
}

TEST(EventReaderTest, SplitsDoNotMatter) {
  const absl::string_view stream =
      "\xEF\xBB\xBF"
      "data: 1\r\ndata: 2\r\n\r\n: c\n\nevent: x\n\ndata\n\n";
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    EXPECT_THAT(Read(stream, piece), ElementsAre("|1\n2", "x|", "|")) << piece;
  }
}

TEST(EventReaderTest, CommentsAndUnknownFieldsGiveNothing) {
  EXPECT_THAT(Read(": ping\n\nid: 7\nretry: 100\n\n\n\ndatas: 1\n\n"), IsEmpty());
}

TEST(EventReaderTest, LastEventMayLackItsEmptyLine) {
  EXPECT_THAT(Read("data: 1\n"), ElementsAre("|1"));
  EXPECT_THAT(Read("data: 1"), ElementsAre("|1"));
}

TEST(EventReaderTest, HugeLineIsNotKept) {
  const std::string huge(EventReader::kEventBytesMax, 'x');
  for (const size_t piece : {size_t{1000}, size_t{1} << 30}) {
    EXPECT_THAT(Read(absl::StrCat("event: a\ndata: ", huge, huge, "\n\ndata: 1\n\n"), piece),
                ElementsAre("a|!", "|1"));
    EXPECT_THAT(Read(absl::StrCat(": ", huge, huge, "\ndata: 1\n\n"), piece), ElementsAre("|1"));
  }
}

// For any split.
TEST(EventReaderTest, BeginningAndEndOfAHugeEventAreKept) {
  const std::string huge(EventReader::kEventBytesMax, 'x');
  const std::string end(EventReader::kTailBytesMax - 3, 'y');
  const std::string streams[] = {
      absl::StrCat("data: abc", huge, huge, end, "end\n\n"),
      absl::StrCat("data: abc", huge.substr(9), end, "end\r\n\r\n"),
      absl::StrCat("data: abc", huge.substr(50), "\ndata: ", huge, "\ndata: ", end, "end\n\n"),
      absl::StrCat("data: abc", huge.substr(50), "\ndata: ", huge, huge, end, "end\n\n"),
  };
  for (const std::string& stream : streams) {
    for (const size_t piece : {size_t{777}, size_t{9000}, size_t{1} << 30}) {
      int events = 0;
      EventReader reader;
      const auto sink = [&](const Event& event) {
        ++events;
        EXPECT_TRUE(event.oversized);
        EXPECT_LE(event.data.size(), EventReader::kEventBytesMax);
        EXPECT_EQ(event.data.substr(0, 4), "abcx");
        EXPECT_TRUE(event.tail == absl::StrCat(end, "end")) << event.tail.size();
      };
      for (size_t at = 0; at < stream.size(); at += piece) {
        reader.Feed(absl::string_view(stream).substr(at, piece), sink);
      }
      reader.Finish(sink);
      EXPECT_EQ(events, 1);
    }
  }
}

TEST(EventReaderTest, ManyLinesAreBoundedTogether) {
  std::string lines;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&lines, "data: ", std::string(1000, 'x'), "\n");
  EXPECT_THAT(Read(absl::StrCat(lines, "\ndata: 1\n\n")), ElementsAre("|!", "|1"));
}

TEST(EventReaderTest, IdsAreSeenAlsoOfEventsThatSayNothing) {
  const auto has_ids = [](absl::string_view bytes) {
    EventReader reader;
    reader.Feed(bytes, [](const Event&) {});
    return reader.has_ids();
  };
  EXPECT_TRUE(has_ids("id: 7\ndata:\n\n"));
  EXPECT_TRUE(has_ids("id:7\n"));
  EXPECT_FALSE(has_ids("id:\ndata: 1\n\n"));
  EXPECT_FALSE(has_ids("data: id: 7\n\n: id: 7\n\n"));
}

}  // namespace
}  // namespace zbroker::zai
