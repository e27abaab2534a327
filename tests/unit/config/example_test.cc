// The example configuration is a promise: what it says of defaults holds, what it shows is valid,
// and it leaves nothing out.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::AccountConfig;
using core::BrokerConfig;

class ExampleTest : public ::testing::Test {
 protected:
  ExampleTest() {
    std::ifstream file(ZBROKER_EXAMPLE_CONFIG);
    EXPECT_TRUE(file.good()) << ZBROKER_EXAMPLE_CONFIG;
    std::stringstream text;
    text << file.rdbuf();
    text_ = text.str();
  }

  // The lines that begin with this, without it, and of these what is TOML: it begins with a key or
  // a header.
  std::string Uncommented(absl::string_view prefix) const {
    std::string toml;
    for (absl::string_view line : absl::StrSplit(text_, '\n')) {
      if (!absl::ConsumePrefix(&line, prefix) || line.empty()) continue;
      if (line[0] == '[' || absl::ascii_islower(line[0])) absl::StrAppend(&toml, line, "\n");
    }
    return toml;
  }

  // What the file shows in tables of this header, each line after a line feed.
  std::string ShownIn(absl::string_view header) const {
    std::string shown;
    bool inside = false;
    for (absl::string_view line : absl::StrSplit(text_, '\n')) {
      if (!absl::ConsumePrefix(&line, "#   ")) absl::ConsumePrefix(&line, "#");
      if (absl::StartsWith(line, "[")) inside = line == header;
      if (inside) absl::StrAppend(&shown, "\n", line);
    }
    return shown;
  }

  std::string text_;
};

TEST_F(ExampleTest, SetsNothing) { EXPECT_EQ(Parse(text_), BrokerConfig::Defaults()); }

TEST_F(ExampleTest, ShowsTheDefaults) {
  const std::string defaults = Uncommented("#");
  EXPECT_TRUE(absl::StrContains(defaults, "queue_max = 10000")) << defaults;
  EXPECT_EQ(Parse(defaults), BrokerConfig::Defaults());
}

TEST_F(ExampleTest, ItsExamplesAreValid) {
  const BrokerConfig config = Parse(Uncommented("#   "));
  ASSERT_EQ(config.accounts.size(), 1u);
  const AccountConfig& account = config.accounts[0];
  EXPECT_EQ(account.windows.size(), 3u) << "that of the example takes the place of the plan's";
  EXPECT_EQ(account.pools.at(0).limit, 2);
  EXPECT_EQ(account.weights.at(0).weight, 3);
  EXPECT_EQ(account.rates.at(0).output, 16);
  EXPECT_EQ(account.schedules.at(0).limit, 2);
  EXPECT_EQ(account.priority_rules.at(0).priority, core::Priority::kBackground);
}

TEST_F(ExampleTest, HasEveryKey) {
  for (const Table& table : kTables) {
    const std::string shown = ShownIn(table.header);
    const std::vector<std::string> keys = KnownKeys(table);
    ASSERT_GE(keys.size(), 1u) << table.header;
    for (const std::string& key : keys) {
      const bool is_table = absl::StrContains(text_, absl::StrCat("[account.default.", key, "]"));
      EXPECT_TRUE(is_table || absl::StrContains(shown, absl::StrCat("\n", key, " = ")))
          << table.header << ": " << key;
    }
  }
}

}  // namespace
}  // namespace zbroker::config
