#include "daemon/config/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

std::map<std::string, Setting> SettingsIn(const std::string& text) {
  const auto loaded = ParseWithSettings(text, "zb.toml");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  std::map<std::string, Setting> settings;
  if (!loaded.ok()) return settings;
  for (const Setting& one : loaded->settings) {
    EXPECT_TRUE(settings.emplace(one.key, one).second) << "twice: " << one.key;
  }
  return settings;
}

// The one that the text has, which the test fails without.
Setting SettingIn(const std::string& text, const std::string& key) {
  const auto settings = SettingsIn(text);
  const auto found = settings.find(key);
  EXPECT_NE(found, settings.end()) << key;
  return found == settings.end() ? Setting() : found->second;
}

void ExpectSetting(const std::string& text, const std::string& key, const std::string& value,
                   Origin origin, uint32_t line = 0) {
  const Setting setting = SettingIn(text, key);
  EXPECT_EQ(setting.value, value) << key;
  EXPECT_EQ(setting.origin, origin) << key;
  EXPECT_EQ(setting.line, line) << key;
}

TEST(SettingsTest, WhatNoFileSaysIsADefault) {
  ExpectSetting("", "broker.queue_max", "10000", Origin::kDefault);
  ExpectSetting("", "broker.unclean_hold", "\"1s\"", Origin::kDefault);
  ExpectSetting("", "account.default.slots.limit", "3", Origin::kDefault);
  ExpectSetting("", "account.default.window[5h].enforce", "\"off\"", Origin::kDefault);
}

TEST(SettingsTest, WhatTheFileSaysHasItsLine) {
  const std::string text =
      "[broker]\nqueue_max = 7\nunclean_hold = \"250ms\"\n\n[account.a.slots]\nlimit = 2\n";
  ExpectSetting(text, "broker.queue_max", "7", Origin::kFile, 2);
  ExpectSetting(text, "broker.unclean_hold", "\"250ms\"", Origin::kFile, 3);
  ExpectSetting(text, "account.a.slots.limit", "2", Origin::kFile, 6);
  ExpectSetting(text, "account.a.slots.learn", "true", Origin::kDefault);
}

TEST(SettingsTest, WhatAPlanBringsIsOfThePlan) {
  const std::string text = "[account.a]\nplan = \"max\"\ngeneration = \"v2\"\n";
  ExpectSetting(text, "account.a.plan", "\"max\"", Origin::kFile, 2);
  ExpectSetting(text, "account.a.slots.limit", "4", Origin::kPlan);
  ExpectSetting(text, "account.a.slots.per_session", "0", Origin::kDefault);
  ExpectSetting(text, "account.a.window[week].limit", "8000", Origin::kPlan);
  ExpectSetting(text, "account.a.weight[0].weight", "1.2", Origin::kPlan);
}

TEST(SettingsTest, RulesOfTheFileComeBeforeThoseOfThePlan) {
  const std::string text =
      "[account.a]\nplan = \"pro\"\ngeneration = \"v2\"\n[[account.a.weight]]\nmodels = \"x\"\n"
      "weight = 9\n";
  ExpectSetting(text, "account.a.weight[0].weight", "9", Origin::kFile, 6);
  ExpectSetting(text, "account.a.weight[0].models", "[\"x\"]", Origin::kFile, 5);
  ExpectSetting(text, "account.a.weight[0].hours", "\"00:00-24:00\"", Origin::kDefault);
  ExpectSetting(text, "account.a.weight[1].weight", "1.2", Origin::kPlan);
}

TEST(SettingsTest, WindowOfTheFileTakesThePlaceOfThePlansWithItsLines) {
  const std::string text =
      "[account.a]\nplan = \"pro\"\n[[account.a.window]]\nname = \"x\"\nlength = \"1h\"\n"
      "limit = 5\n[[account.a.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 9.5\n";
  ExpectSetting(text, "account.a.window[5h].limit", "9.5", Origin::kFile, 10);
  ExpectSetting(text, "account.a.window[5h].kind", "\"rolling\"", Origin::kDefault);
  ExpectSetting(text, "account.a.window[x].limit", "5", Origin::kFile, 6);
  ExpectSetting(text, "account.a.window[week].kind", "\"anchored\"", Origin::kPlan);
}

TEST(SettingsTest, ShadowOfTheBrokerIsThatOfItsAccounts) {
  ExpectSetting("[broker]\nshadow = true\n", "account.default.shadow", "true", Origin::kFile, 2);
  ExpectSetting("[broker]\nshadow = true\n[account.a]\nshadow = false\n", "account.a.shadow",
                "false", Origin::kFile, 4);
}

TEST(SettingsTest, WhatOthersReadIsThereToo) {
  const std::string text =
      "[meter]\nevery = \"9m\"\nkey_env = \"K\"\n[account.a]\n"
      "plan = \"pro\"\npurchased = 2026-08-20T14:05:00+02:00\n[account.a.mcp]\ntools = [\"w*\"]\n";
  ExpectSetting(text, "meter.every", "\"9m\"", Origin::kFile, 2);
  ExpectSetting(text, "meter.key_env", "\"K\"", Origin::kFile, 3);
  ExpectSetting(text, "meter.gateway", "false", Origin::kDefault);
  ExpectSetting(text, "account.a.purchased", "2026-08-20T14:05:00+02:00", Origin::kFile, 6);
  ExpectSetting(text, "account.a.mcp.tools", "[\"w*\"]", Origin::kFile, 8);
}

TEST(SettingsTest, ZonesAndDaysAreAsTheyAreWritten) {
  const std::string head = "[[account.a.schedule]]\nlimit = 1\n";
  const auto value = [&](const std::string& lines, const std::string& key) {
    return SettingIn(head + lines, "account.a.schedule[0]." + key).value;
  };
  EXPECT_EQ(value("", "tz"), "\"UTC+8\"");
  EXPECT_EQ(value("tz = \"UTC-03:30\"\n", "tz"), "\"UTC-03:30\"");
  EXPECT_EQ(value("tz = \"UTC\"\n", "tz"), "\"UTC\"");
  EXPECT_EQ(value("days = \"mon-fri\"\n", "days"), "\"mon-fri\"");
  EXPECT_EQ(value("days = [\"mon\", \"wed-thu\"]\n", "days"), "[\"mon\", \"wed-thu\"]");
  EXPECT_EQ(value("hours = \"22:00-06:00\"\n", "hours"), "\"22:00-06:00\"");
}

TEST(SettingsTest, NamesAndTextsAreQuotedAsTomlDoes) {
  ExpectSetting("[account.\"a.b\"]\n", "account.\"a.b\".mcp.slots", "false", Origin::kDefault);
  const std::string text = "[[hook]]\non = \"waiting\"\nrun = 'echo \"\\'\nafter = \"3m\"\n";
  ExpectSetting(text, "hook[0].run", "\"echo \\\"\\\\\"", Origin::kFile, 3);
  ExpectSetting(text, "hook[0].after", "\"3m\"", Origin::kFile, 4);
  ExpectSetting(text, "hook[0].on", "[\"waiting\"]", Origin::kFile, 2);
}

// Every value of the settings can be set: a file that is written with them says the same.
TEST(SettingsTest, EveryDefaultOfTheExampleIsListedAsTheExampleHasIt) {
  std::ifstream file(ZBROKER_EXAMPLE_CONFIG);
  std::stringstream text;
  text << file.rdbuf();
  const auto settings = SettingsIn("");
  std::string table;
  size_t found = 0;
  for (absl::string_view line : absl::StrSplit(text.str(), '\n')) {
    if (!absl::ConsumePrefix(&line, "#") || line.empty()) continue;
    if (line[0] == '[') {
      table = std::string(absl::StripPrefix(line.substr(0, line.find(']')), "["));
      table = std::string(absl::StripPrefix(table, "["));
      if (table == "account.default.window") table += "[5h]";
      continue;
    }
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(" = ", 1));
    if (!absl::ascii_islower(line[0]) || parts.size() != 2) continue;
    const auto setting = settings.find(table + "." + parts[0]);
    ASSERT_NE(setting, settings.end()) << table << ": " << line;
    EXPECT_EQ(setting->second.value, parts[1]) << setting->first;
    ++found;
  }
  EXPECT_GE(found, 25u);
}

TEST(SettingsTest, AFileThatIsNotValidHasNone) {
  EXPECT_EQ(ParseWithSettings("nonsense = 1", "zb.toml").status(),
            ParseConfig("nonsense = 1", "zb.toml").status());
}

}  // namespace
}  // namespace zbroker::config
