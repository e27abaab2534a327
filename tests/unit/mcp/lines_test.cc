#include "shims/mcp/lines.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace zbroker::mcp {
namespace {

std::string Joined(const std::vector<Piece>& pieces) {
  std::string all;
  for (const Piece& piece : pieces) all += piece.bytes;
  return all;
}

TEST(LinesTest, LineIsGivenOutWithItsEnd) {
  Lines lines(100);
  EXPECT_TRUE(lines.Feed("{\"a\"").empty());
  const auto pieces = lines.Feed(":1}\r\n\n{");
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].bytes, "{\"a\":1}\r\n");
  EXPECT_TRUE(pieces[0].whole && pieces[0].ends);
  EXPECT_EQ(pieces[1].bytes, "\n");
  const auto rest = lines.Finish();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].bytes, "{");
  EXPECT_TRUE(rest[0].whole);
  EXPECT_FALSE(rest[0].ends);
}

TEST(LinesTest, LineBeyondTheBoundComesInPartsOfWhichTheLastEndsIt) {
  Lines lines(4);
  EXPECT_EQ(lines.Feed("1234").size(), 0u) << "it may yet fit, but for its end";
  const auto parts = lines.Feed("5");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].bytes, "12345");
  EXPECT_FALSE(parts[0].whole);
  EXPECT_FALSE(parts[0].ends);
  const auto rest = lines.Feed("6\nabc\n");
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].bytes, "6\n");
  EXPECT_FALSE(rest[0].whole);
  EXPECT_TRUE(rest[0].ends);
  EXPECT_TRUE(rest[1].whole) << "the next line is read again";
}

TEST(LinesTest, LongLineInOneGoIsNotWhole) {
  Lines lines(4);
  const auto pieces = lines.Feed("12345\n");
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_FALSE(pieces[0].whole);
  EXPECT_TRUE(pieces[0].ends);
  EXPECT_TRUE(lines.Finish().empty());
}

TEST(LinesTest, EndWithinALongLineIsAPartOfIt) {
  Lines lines(4);
  lines.Feed("12345");
  EXPECT_TRUE(lines.Finish().empty()) << "nothing is kept of it";
  Lines more(4);
  more.Feed("12345\n12");
  const auto rest = more.Finish();
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_TRUE(rest[0].whole);
}

TEST(LinesTest, AllPiecesTogetherAreTheStreamHoweverItIsCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    for (int i = 0; i < 300; ++i) stream += "\n\r{}\0a\xFF"[random() % 7];
    Lines lines(1 + random() % 20);
    std::string all;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = 1 + random() % 40;
      all += Joined(lines.Feed(absl::string_view(stream).substr(at, size)));
      at += size;
    }
    all += Joined(lines.Finish());
    ASSERT_EQ(all, stream);
  }
}

}  // namespace
}  // namespace zbroker::mcp
