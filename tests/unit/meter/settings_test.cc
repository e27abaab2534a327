#include "shims/meter/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::meter {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<config::MeterSettings> Read(const std::string& toml) {
  tools::FakeSurroundings machine;
  machine.files["/config.toml"] = toml;
  return Configured(machine);
}

TEST(MeterSettingsTest, WithoutAFileNothingIsSaid) {
  const auto settings = Configured(tools::FakeSurroundings());
  ASSERT_TRUE(settings.ok());
  EXPECT_FALSE(settings->gateway);
  EXPECT_FALSE(settings->every.has_value());
}

TEST(MeterSettingsTest, EveryKeyIsTaken) {
  const auto settings =
      Read("[meter]\nevery = \"10m\"\nkey_file = \"~/.config/zbroker/key\"\ngateway = true\n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->every, absl::Minutes(10));
  EXPECT_EQ(settings->key_file, "/home/me/.config/zbroker/key");
  EXPECT_TRUE(settings->gateway);
  EXPECT_EQ(Read("[meter]\nkey_env = \"ZAI_API_KEY\"\n")->key_env, "ZAI_API_KEY");
}

TEST(MeterSettingsTest, MistakesAreSaidWithTheirPlace) {
  const auto mistake = [](const std::string& toml) {
    return std::string(Read(toml).status().message());
  };
  EXPECT_THAT(mistake("[meter]\nevery = \"10s\"\n"), HasSubstr("config.toml:2: meter.every"));
  EXPECT_THAT(mistake("[meter]\nkey_file = \"key\"\n"), HasSubstr("meter.key_file"));
  EXPECT_THAT(mistake("[meter]\nkey_env = \"MY KEY\"\n"), HasSubstr("meter.key_env"));
  EXPECT_THAT(mistake("[meter]\nkey = \"0123456789\"\n"), HasSubstr("meter.key"));
}

}  // namespace
}  // namespace zbroker::meter
