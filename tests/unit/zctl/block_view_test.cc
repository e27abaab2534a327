#include "client/zctl/block_view.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(kNoon);

v1::Block Block(absl::string_view more) {
  return Parse<v1::Block>(absl::StrCat("until { seconds: ", kNoon + 7200, " } ", more));
}

std::string Title(absl::string_view more) {
  return BlockTitle(Block(more), kNow, absl::UTCTimeZone());
}

TEST(BlockViewTest, TitleSaysWhatIsBlockedAndUntilWhen) {
  EXPECT_EQ(Title("reason: BLOCK_REASON_COOL_DOWN"), "cool-down until 14:00:00 (2h)");
  EXPECT_EQ(Title("reason: BLOCK_REASON_BREAKER"), "breaker until 14:00:00 (2h)");
  EXPECT_EQ(Title("reason: BLOCK_REASON_WALL kind: KIND_MCP"),
            "wall of kind mcp until 14:00:00 (2h)");
  EXPECT_EQ(Title("reason: BLOCK_REASON_OVERLOAD model: 'm\\r'"),
            "overload of m\\x0d until 14:00:00 (2h)");
  EXPECT_EQ(Title("reason: BLOCK_REASON_OVERLOAD"),
            "overload of requests of unknown model until 14:00:00 (2h)");
}

TEST(BlockViewTest, WordsAreTheUpstreams) {
  EXPECT_EQ(BlockWords(Block("")), "");
  EXPECT_EQ(BlockWords(Block("upstream_code: '1308'")), "code 1308");
  EXPECT_EQ(BlockWords(Block("upstream_code: '1308' detail: 'used up'")), "used up (1308)");
}

}  // namespace
}  // namespace zbroker::zctl
