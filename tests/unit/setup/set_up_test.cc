// Setting tools up and undoing it, on real files.
#include "shims/setup/set_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/gateway_record.h"
#include "shims/setup/list.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"
#include "tests/unit/setup/shell.h"

namespace zbroker::setup {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";

// A home of its own, in which a gateway runs.
class SetUpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Set("HOME", dir_.path());
    Set("ZBROKER_STATE_DIR", state_);
    Set("ZBROKER_CONFIG", "");
    Set("PATH", dir_.File("bin"));
    for (const char* name : {"CODEX_HOME", "CLAUDE_CONFIG_DIR", "ANTHROPIC_BASE_URL"})
      Set(name, "");
    mkdir(dir_.File(".codex").c_str(), 0700);
    gateway_.emplace(
        *GatewayAnnouncement::Make(state_, {.url = absl::StrCat("http://127.0.0.1:8787/", kToken),
                                            .upstream = "https://api.z.ai/api/anthropic",
                                            .pid = 1}));
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }

  absl::Status Do(const std::string& tool, CommandLine line = {.yes = true}) {
    shown_.clear();
    const auto surroundings = tools::Surroundings::OfProcess();
    const Person person{.show = [this](absl::string_view text) { absl::StrAppend(&shown_, text); },
                        .ask = ask_};
    const tools::Tool& one = *FindToSetUp(tool);
    return line.undo ? UndoSetUp(one, line, *surroundings, person)
                     : SetUpTool(one, line, *surroundings, person);
  }
  absl::Status Undo(const std::string& tool) { return Do(tool, {.yes = true, .undo = true}); }

  void MoveGateway() {
    gateway_.reset();
    gateway_.emplace(
        *GatewayAnnouncement::Make(state_, {.url = absl::StrCat("http://127.0.0.1:9999/", kToken),
                                            .upstream = "https://api.z.ai/api/anthropic",
                                            .pid = 1}));
  }

  void Set(const char* name, const std::string& value) {
    const char* const old = getenv(name);
    before_.emplace(name, old == nullptr ? "" : old);
    setenv(name, value.c_str(), 1);
  }

  const testing::TempDir dir_;
  const std::string state_ = dir_.File("state");
  const std::string codex_ = dir_.File(".codex/config.toml");
  const std::string original_ =
      "\xEF\xBB\xBF# mine\r\n[model_providers.zai]\r\nenv_key = \"K\" # secret\r\n"
      "base_url = \"https://api.z.ai/api/v1\"\r\n";
  std::map<std::string, std::string> before_;
  std::optional<GatewayAnnouncement> gateway_;
  std::string shown_;
  std::function<bool(absl::string_view)> ask_;
};

TEST_F(SetUpTest, UndoBringsBackEveryByteAndModeAndLink) {
  const std::string real = dir_.File("dotfiles.toml");
  testing::WriteFile(real, original_);
  ASSERT_EQ(chmod(real.c_str(), 0640), 0);
  ASSERT_EQ(symlink(real.c_str(), codex_.c_str()), 0);
  ASSERT_OK(Do("codex"));
  EXPECT_THAT(testing::ReadFile(codex_), HasSubstr(kToken));
  EXPECT_THAT(shown_, HasSubstr("chmod 600"));
  ASSERT_OK(Undo("codex"));
  EXPECT_EQ(testing::ReadFile(real), original_);
  EXPECT_EQ(testing::Shell("stat -c '%a %F' " + real + " " + codex_),
            "640 regular file\n777 symbolic link\n");
}

TEST_F(SetUpTest, SecondTimeChangesNothing) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex"));
  const std::string once = testing::ReadFile(codex_);
  ASSERT_OK(Do("codex"));
  EXPECT_EQ(testing::ReadFile(codex_), once);
  EXPECT_THAT(shown_, HasSubstr("nothing to change"));
  ASSERT_OK(Undo("codex"));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
}

TEST_F(SetUpTest, UndoTwiceIsToldSo) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex"));
  ASSERT_OK(Undo("codex"));
  EXPECT_THAT(Undo("codex"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to undo")));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
}

TEST_F(SetUpTest, UndoOfAFileThatHasChangedSinceIsRefusedWithWhatHas) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex"));
  const std::string edited = testing::ReadFile(codex_) + "model = \"glm-5\"\r\n";
  testing::WriteFile(codex_, edited);
  EXPECT_THAT(Undo("codex"), Fails(absl::StatusCode::kAborted, HasSubstr(codex_)));
  EXPECT_THAT(shown_, HasSubstr("+model = \"glm-5\""));
  EXPECT_EQ(testing::ReadFile(codex_), edited);
}

TEST_F(SetUpTest, GatewayThatHasMovedIsFollowedAndUndoneInOneStep) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex"));
  MoveGateway();
  ASSERT_OK(Do("codex"));
  EXPECT_THAT(testing::ReadFile(codex_), HasSubstr("127.0.0.1:9999"));
  ASSERT_OK(Undo("codex"));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
}

TEST_F(SetUpTest, PrintShowsWithoutSecretsAndWritesNothing) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex", {.print = true}));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
  EXPECT_THAT(shown_, HasSubstr("+base_url = \"http://127.0.0.1:8787/…/api/v1\""));
  EXPECT_THAT(shown_, Not(HasSubstr(kToken)));
  EXPECT_NE(access((state_ + "/setup").c_str(), F_OK), 0);
}

TEST_F(SetUpTest, NothingIsWrittenWithoutAYes) {
  testing::WriteFile(codex_, original_);
  EXPECT_THAT(Do("codex", {}), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("--yes")));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
  ask_ = [](absl::string_view) { return false; };
  EXPECT_OK(Do("codex", {}));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
  // Somebody writes while the question stands.
  ask_ = [&](absl::string_view) {
    testing::WriteFile(codex_, "meanwhile");
    return true;
  };
  EXPECT_THAT(Do("codex", {}), HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(testing::ReadFile(codex_), "meanwhile");
}

TEST_F(SetUpTest, UrlOfAGatewayBesideTheUsualOneIsSaidToBeOpenToOthersToo) {
  const std::string beside = absl::StrCat("http://127.0.0.1:9998/", kToken);
  const auto other = GatewayAnnouncement::Make(
      state_, {.url = beside, .upstream = "https://open.bigmodel.cn/api/anthropic", .pid = 1});
  ASSERT_OK(other);
  testing::WriteFile(codex_, "openai_base_url = \"https://open.bigmodel.cn/api/v1\"\n");
  ASSERT_EQ(chmod(codex_.c_str(), 0644), 0);
  ASSERT_OK(Do("codex"));
  EXPECT_THAT(testing::ReadFile(codex_), HasSubstr(beside));
  EXPECT_THAT(shown_, HasSubstr("chmod 600"));
}

TEST_F(SetUpTest, WithoutAGatewayItSaysHowToStartOne) {
  gateway_.reset();
  testing::WriteFile(codex_, original_);
  EXPECT_THAT(Do("codex"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("zlease gateway")));
}

TEST_F(SetUpTest, ToolThatIsNotInstalledIsToldSo) {
  EXPECT_THAT(Do("kilo"), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("not installed")));
}

TEST_F(SetUpTest, FilesThatWereNotThereAreGoneAfterUndo) {
  testing::Shell("mkdir -p " + dir_.File(".local/share/opencode"));
  mkdir(dir_.File("bin").c_str(), 0700);
  testing::WriteFile(dir_.File("bin/opencode"), "");
  ASSERT_EQ(chmod(dir_.File("bin/opencode").c_str(), 0700), 0);
  testing::WriteFile(dir_.File(".local/share/opencode/auth.json"), R"({"zai-coding-plan":{}})");
  ASSERT_OK(Do("opencode"));
  const std::string made = dir_.File(".config/opencode/opencode.json");
  EXPECT_THAT(testing::ReadFile(made), HasSubstr("{file:"));
  EXPECT_THAT(testing::ReadFile(made), Not(HasSubstr(kToken)));
  EXPECT_THAT(testing::ReadFile(state_ + "/setup/opencode.url"), HasSubstr(kToken));
  ASSERT_OK(Undo("opencode"));
  EXPECT_NE(access(made.c_str(), F_OK), 0);
  EXPECT_NE(access((state_ + "/setup/opencode.url").c_str(), F_OK), 0);
}

TEST_F(SetUpTest, OfSeveralFilesNoneIsChangedWhenOneCannotBe) {
  mkdir(dir_.File(".continue").c_str(), 0700);
  const std::string config = dir_.File(".continue/config.yaml");
  testing::WriteFile(config, "models:\n- provider: a\n  apiBase: https://api.z.ai/api/paas/v4\n");
  ASSERT_EQ(chmod(config.c_str(), 0400), 0);
  EXPECT_THAT(Do("continue"), HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_NE(access(dir_.File(".continue/.env").c_str(), F_OK), 0);
  EXPECT_THAT(Undo("continue"),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to undo")));
}

TEST_F(SetUpTest, SecondSetUpThatFailsLeavesTheFirstToBeUndone) {
  testing::WriteFile(codex_, original_);
  ASSERT_OK(Do("codex"));
  MoveGateway();
  ASSERT_EQ(chmod(codex_.c_str(), 0400), 0);
  EXPECT_THAT(Do("codex"), HasCode(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(chmod(codex_.c_str(), 0600), 0);
  ASSERT_OK(Undo("codex"));
  EXPECT_EQ(testing::ReadFile(codex_), original_);
}

TEST_F(SetUpTest, ListTellsHowEachToolIsWired) {
  testing::WriteFile(codex_, original_);
  testing::WriteFile(state_ + "/gateway-token", absl::StrCat(kToken, "\n"));
  const auto list = [] { return ListTools(*tools::Surroundings::OfProcess(), false); };
  EXPECT_THAT(list(), HasSubstr("provider zai: past zbroker, to https://api.z.ai/api/v1"));
  ASSERT_OK(Do("codex"));
  EXPECT_THAT(list(),
              HasSubstr("provider zai: through the gateway, http://127.0.0.1:8787/…/api/v1"));
  EXPECT_THAT(list(), HasSubstr("kilo      not found"));
  EXPECT_THAT(ListTools(*tools::Surroundings::OfProcess(), true), HasSubstr("\"gateway\":true"));
}

}  // namespace
}  // namespace zbroker::setup
