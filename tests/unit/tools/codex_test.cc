#include "shims/tools/codex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;
using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kFile[] = "/home/me/.codex/config.toml";
constexpr char kZai[] =
    "model_provider = \"zai\"\n[model_providers.zai]\nbase_url = \"https://api.z.ai/api/v1\"\n";

class CodexTest : public ::testing::Test {
 protected:
  absl::StatusOr<Plan> MakePlan(std::vector<std::string> arguments = {"exec", "hi"},
                                const std::string& upstream = "") {
    return kCodex.plan({.arguments = std::move(arguments), .upstream = upstream}, machine_);
  }
  Launch LaunchOf(const absl::StatusOr<Plan>& plan) {
    EXPECT_OK(plan);
    if (!plan.ok()) return {};
    Launch launch = plan->launch(kGateway);
    launch.file->tell("/home/me/.codex/zlease-abc.config.toml", launch);
    return launch;
  }

  FakeSurroundings machine_;
};

TEST_F(CodexTest, RunGetsAProfileBesideTheUsersFiles) {
  machine_.files[kFile] = kZai;
  const auto plan = MakePlan();
  const Launch launch = LaunchOf(plan);
  EXPECT_EQ(plan->upstream, "https://api.z.ai/api/v1");
  EXPECT_EQ(launch.file->directory, "/home/me/.codex");
  EXPECT_EQ(launch.file->content,
            absl::StrCat("[model_providers.zai]\nbase_url = \"", kGateway, "\"\n"));
  EXPECT_THAT(launch.arguments, ElementsAre("-p", "zlease-abc", "exec", "hi"));
}

TEST_F(CodexTest, TuiKeepsItsRequestsInTheRun) {
  machine_.files[kFile] = kZai;
  EXPECT_THAT(LaunchOf(MakePlan({"hi"})).arguments,
              ElementsAre("-p", "zlease-abc", "--no-daemon", "hi"));
  EXPECT_THAT(LaunchOf(MakePlan({"-m", "exec", "resume", "--last"})).arguments,
              ElementsAre("-p", "zlease-abc", "--no-daemon", "-m", "exec", "resume", "--last"));
  EXPECT_THAT(LaunchOf(MakePlan({"-m", "x", "e", "hi"})).arguments,
              ElementsAre("-p", "zlease-abc", "-m", "x", "e", "hi"));
}

TEST_F(CodexTest, UsersProfileIsInTheProfileOfTheRun) {
  machine_.files[kFile] = kZai;
  machine_.files["/home/me/.codex/work.config.toml"] =
      "model = \"glm-5\"\n[model_providers.zai]\nbase_url = \"https://open.bigmodel.cn/api/v1\"\n";
  const auto plan = MakePlan({"-p", "work", "exec", "hi"});
  const Launch launch = LaunchOf(plan);
  EXPECT_EQ(plan->upstream, "https://open.bigmodel.cn/api/v1");
  EXPECT_THAT(launch.arguments, ElementsAre("-p", "zlease-abc", "exec", "hi"));
  EXPECT_THAT(launch.file->content, HasSubstr("model = \"glm-5\""));
  EXPECT_THAT(launch.file->content, HasSubstr(kGateway));
  EXPECT_THAT(launch.file->content, Not(HasSubstr("bigmodel")));
}

TEST_F(CodexTest, ArgumentsWinAndThoseThatNameTheUrlAreTakenOut) {
  machine_.files[kFile] = kZai;
  const auto plan = MakePlan({"-c", "model_providers.zai.base_url=\"http://127.0.0.1:9/v1\"", "-c",
                              "model=\"x\"", "exec", "hi"});
  EXPECT_EQ(plan->upstream, "http://127.0.0.1:9/v1");
  EXPECT_THAT(LaunchOf(plan).arguments,
              ElementsAre("-p", "zlease-abc", "-c", "model=\"x\"", "exec", "hi"));
  machine_.files[kFile] =
      absl::StrCat(kZai, "[model_providers.b]\nbase_url = \"http://127.0.0.1:8\"\n");
  EXPECT_EQ(MakePlan({"-c", "model_provider=b", "exec"})->upstream, "http://127.0.0.1:8");
}

TEST_F(CodexTest, UrlIsTakenOutOfArgumentsInAnySpelling) {
  machine_.files[kFile] = kZai;
  const std::string url = "model_providers.zai.base_url='http://127.0.0.1:9/v1'";
  for (const std::string& argument : {"-c" + url, "-c=" + url, "--config=" + url}) {
    const auto plan = MakePlan({argument, "-cmodel=x", "exec", "hi", "--", "-c", url});
    EXPECT_EQ(plan->upstream, "http://127.0.0.1:9/v1");
    EXPECT_THAT(LaunchOf(plan).arguments,
                ElementsAre("-p", "zlease-abc", "-cmodel=x", "exec", "hi", "--", "-c", url));
  }
}

TEST_F(CodexTest, HomeIsWhereTheEnvironmentSays) {
  machine_.variables["CODEX_HOME"] = "/x";
  machine_.files["/x/config.toml"] = kZai;
  EXPECT_EQ(LaunchOf(MakePlan()).file->directory, "/x");
}

TEST_F(CodexTest, BuiltInProviderGoesElsewhereUnlessItsUrlSaysOtherwise) {
  EXPECT_THAT(MakePlan(), Fails(absl::StatusCode::kInvalidArgument, HasSubstr("OpenAI")));
  machine_.files[kFile] = "openai_base_url = \"https://api.z.ai/api/v1\"\n";
  EXPECT_EQ(LaunchOf(MakePlan()).file->content,
            absl::StrCat("openai_base_url = \"", kGateway, "\"\n"));
  EXPECT_EQ(MakePlan({"exec"}, "https://b.example/api/v1")->upstream, "https://b.example/api/v1");
}

TEST_F(CodexTest, CommandsOfTheAppServerAreRefusedWithTheWayThatWorks) {
  for (const auto& arguments :
       {std::vector<std::string>{"queue", "x"}, std::vector<std::string>{"--remote", "unix://"}}) {
    EXPECT_THAT(MakePlan(arguments),
                Fails(absl::StatusCode::kInvalidArgument, HasSubstr("zctl setup codex")));
  }
}

TEST_F(CodexTest, RunsThatCallNoModelAreKnown) {
  EXPECT_FALSE(kCodex.calls_models({"login"}));
  EXPECT_FALSE(kCodex.calls_models({"-c", "a=b", "mcp", "list"}));
  EXPECT_FALSE(kCodex.calls_models({"--oss"}));
  EXPECT_TRUE(kCodex.calls_models({"exec", "login"}));
  EXPECT_TRUE(kCodex.calls_models({}));
}

TEST_F(CodexTest, FileThatIsNotTomlIsNamedWithTheLine) {
  machine_.files[kFile] = "a = 1\nb = \n";
  EXPECT_THAT(MakePlan(),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat(kFile, ":2"))));
  machine_.files[kFile] =
      "model_provider = \"zai\"\nmodel_providers.zai.base_url = \"http://127.0.0.1:9\"\n";
  EXPECT_OK(MakePlan());
  machine_.files["/home/me/.codex/p.config.toml"] = "model_providers = 3\n";
  EXPECT_THAT(MakePlan({"-p", "p", "exec"}), HasCode(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace zbroker::tools
