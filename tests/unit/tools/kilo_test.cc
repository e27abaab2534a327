#include "shims/tools/kilo.h"

#include <gtest/gtest.h>

#include <string>

#include "shims/tools/json_settings.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

constexpr char kGateway[] = "http://127.0.0.1:4242/token";

std::string BaseUrl(const FakeSurroundings& machine, const std::string& provider) {
  const auto plan = kKilo.plan({}, machine);
  EXPECT_OK(plan);
  if (!plan.ok()) return "";
  const std::string content = ValueIn(plan->launch(kGateway).variables, "KILO_CONFIG_CONTENT");
  return JsonObject::Parse(content)
      ->String({"provider", provider, "options", "baseURL"})
      .value_or("");
}

TEST(KiloTest, ProvidersOfItsOwnAndOfOpenCodesFilesGoBehindTheGateway) {
  for (const char* path :
       {"/home/me/.config/kilo/kilo.json", "/home/me/.config/kilo/opencode.jsonc",
        "/work/project/.kilo/kilo.jsonc", "/work/project/.kilocode/kilo.json"}) {
    FakeSurroundings machine;
    machine.files[path] =
        R"({"provider":{"mine":{"options":{"baseURL":"https://api.z.ai/api/coding/paas/v4"}}}})";
    EXPECT_EQ(BaseUrl(machine, "mine"), kGateway) << path;
  }
}

TEST(KiloTest, OpenCodesOwnFilesAndVariableAreNotItsOwn) {
  FakeSurroundings machine;
  machine.files["/home/me/.config/opencode/opencode.json"] =
      R"({"provider":{"mine":{"options":{"baseURL":"https://api.z.ai/api/coding/paas/v4"}}}})";
  machine.variables["OPENCODE_CONFIG_CONTENT"] = machine.files.begin()->second;
  EXPECT_EQ(BaseUrl(machine, "mine"), "");
}

TEST(KiloTest, RunsThatCallNoModelAreKnown) {
  EXPECT_FALSE(kKilo.calls_models({"auth", "login"}));
  EXPECT_FALSE(kKilo.calls_models({"daemon"}));
  EXPECT_TRUE(kKilo.calls_models({"run", "hi"}));
  EXPECT_TRUE(kKilo.calls_models({}));
}

}  // namespace
}  // namespace zbroker::tools
