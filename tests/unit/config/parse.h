// What the tests of the schema share.
#ifndef ZBROKER_TESTS_UNIT_CONFIG_PARSE_H_
#define ZBROKER_TESTS_UNIT_CONFIG_PARSE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "daemon/config/load.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// What an account or a window may be called, in the words of the errors.
inline constexpr absl::string_view kNameRule = "1 to 64 of a-z, A-Z, 0-9, '.', '-' and '_'";

// The configuration that the text stands for. Where there is none the test fails and goes on with
// the defaults.
inline core::BrokerConfig Parse(absl::string_view text) {
  const absl::StatusOr<core::BrokerConfig> config = ParseConfig(text, "zb.toml");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *config : core::BrokerConfig::Defaults();
}

// The error in a text that is wrong.
inline std::string ErrorOf(absl::string_view text) {
  const absl::Status status = ParseConfig(text, "zb.toml").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

// The account `a` with a window that has a name, a length, and these lines, the first of which is
// line 4.
inline std::string WithWindow(absl::string_view lines) {
  return absl::StrCat("[[account.a.window]]\nname = \"w\"\nlength = \"5h\"\n", lines);
}

// A table of the file: its header, and lines that make it valid.
struct Table {
  const char* header;
  const char* lines;
};

inline constexpr Table kTables[] = {
    {"[broker]", ""},
    {"[meter]", ""},
    {"[[hook]]", "on = \"waiting\"\nrun = \"true\"\n"},
    {"[account.default]", ""},
    {"[account.default.slots]", ""},
    {"[account.default.peak]", ""},
    {"[[account.default.window]]", "name = \"w\"\nlength = \"1h\"\nlimit = 1\n"},
    {"[[account.default.pool]]", "models = \"m\"\n"},
    {"[[account.default.weight]]", "models = \"m\"\nweight = 1\n"},
    {"[[account.default.rate]]", "models = \"m\"\ninput = 1\ncached = 1\noutput = 1\n"},
    {"[account.default.background]", ""},
    {"[[account.default.schedule]]", "limit = 1\n"},
    {"[[account.default.priority]]", "priority = \"normal\"\n"},
    {"[account.default.mcp]", ""}};

// The keys that the table may have, as the error about one that it may not says.
inline std::vector<std::string> KnownKeys(const Table& table) {
  const std::string error =
      ErrorOf(absl::StrCat(table.header, "\n", table.lines, "qqqqqqqqqqqqqqqqqqqqqqqq = 1\n"));
  const std::vector<std::string> parts = absl::StrSplit(error, "unknown key; expected ");
  EXPECT_EQ(parts.size(), 2u) << error;
  return absl::StrSplit(absl::StrReplaceAll(parts.back(), {{" or ", ", "}}), ", ");
}

}  // namespace zbroker::config

#endif  // ZBROKER_TESTS_UNIT_CONFIG_PARSE_H_
