// `zlease kilo|cline|cn|codex` and `zctl setup`, with scripts that take their base URLs as the real
// tools do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/integration/agent.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Finds $url in $text, asks it for an answer with `ask PATH BODY`, and runs its last argument.
constexpr char kBody[] = R"sh(
found() { printf '%s' "$text" | grep -o 'http://[^"'"'"' ]*' | tail -n 1; }
chat() {
  curl -s -o /dev/null -w '%{http_code}\n' -H 'content-type: application/json' -d \
    '{"model":"glm-4.7","messages":[{"role":"user","content":"hi"}]}' "$(found)/chat/completions"
}
for script; do :; done
eval "$script"
)sh";

// How each tool finds its settings.
struct Tool {
  const char* name;
  const char* settings;  // a shell word list that prints them
  const char* file;      // below the home
  const char* content;   // $U is the upstream
};

constexpr Tool kTools[] = {
    {"kilo",
     R"(printf '%s' "${KILO_CONFIG_CONTENT:-$(sed "s|{file:\([^}]*\)}|$(cat $ZBROKER_STATE_DIR/setup/kilo.url 2>/dev/null)|" $HOME/.config/kilo/kilo.json)}")",
     ".config/kilo/kilo.json",
     "{ // mine\n  \"provider\": {\"zai\": {\"options\": {\"baseURL\": "
     "\"$U/api/coding/paas/v4\"}}}\n}\n"},
    {"cline", R"(cat "${CLINE_PROVIDER_SETTINGS_PATH:-$HOME/.cline/data/settings/providers.json}")",
     ".cline/data/settings/providers.json",
     "{\"version\": 1, \"lastUsedProvider\": \"zai\", \"providers\": {\"zai\": {\"settings\": "
     "{\"apiKey\": \"k\", \"baseUrl\": \"$U/api/coding/paas/v4\"}}}}"},
    {"cn",
     R"(f=$HOME/.continue/config.yaml; [ "$1" = --config ] && f=$2; sed "s|\${{ secrets.ZBROKER_GATEWAY }}|$(sed -n s/ZBROKER_GATEWAY=//p $HOME/.continue/.env 2>/dev/null)|" $f)",
     ".continue/config.yaml",
     "models:\n  - name: GLM\n    provider: openai # mine\n    apiBase: $U/api/coding/paas/v4\n"},
    {"codex", R"(cat $HOME/.codex/config.toml; [ "$1" = -p ] && cat "$HOME/.codex/$2.config.toml")",
     ".codex/config.toml",
     "model_provider = \"zai\" # mine\n[model_providers.zai]\nbase_url = "
     "\"$U/api/coding/paas/v4\"\n"},
};

class ToolsTest : public AgentTest, public ::testing::WithParamInterface<Tool> {
 protected:
  void SetUp() override {
    AgentTest::SetUp();
    const std::string work = upstream_.WorkUrl();
    origin_ = work.substr(0, work.rfind('/'));
    program_ = daemon_.dir().File(GetParam().name);
    WriteFile(program_, absl::StrCat("#!/bin/sh\ntext=$(", GetParam().settings, ")\n", kBody));
    chmod(program_.c_str(), 0700);
    file_ = absl::StrCat(home_, "/", GetParam().file);
    RunProgram({"mkdir", "-p", file_.substr(0, file_.rfind('/'))});
    original_ = GetParam().content;
    original_.replace(original_.find("$U"), 2, origin_);
    WriteFile(file_, original_);
  }
  EnvironmentVariables Own() const {
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("HOME", home_);
    all.emplace_back("PATH", absl::StrCat(daemon_.dir().path(), ":/usr/bin:/bin"));
    return all;
  }
  Process::End Run(const std::vector<std::string>& words) const {
    std::vector<std::string> command = {Program("zlease")};
    command.insert(command.end(), words.begin(), words.end());
    return RunProgram(command, Own());
  }
  // What zlease has left behind, but for what it keeps.
  std::string LeftBehind() const {
    return RunProgram({"find", daemon_.dir().path(), "-name", "settings-*", "-o", "-name",
                       "zlease-*.toml"})
        .out;
  }

  std::string origin_, program_, file_, original_;
};

INSTANTIATE_TEST_SUITE_P(Each, ToolsTest, ::testing::ValuesIn(kTools),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(ToolsTest, EachRequestTakesALease) {
  const auto end = Run({program_, "chat; chat"});
  EXPECT_EQ(end.out, "200\n200\n") << end.err;
  EXPECT_THAT(end.err, IsEmpty());
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].kind(), v1::KIND_PROMPT);
  EXPECT_EQ(rows[0].via(), GetParam().name);
  EXPECT_EQ(ReadFile(file_), original_);
  EXPECT_THAT(LeftBehind(), IsEmpty());
}

TEST_P(ToolsTest, IsFoundBehindLaunchers) {
  const auto end = Run({"env", "A=1", "nohup", program_, "chat; echo $A"});
  EXPECT_EQ(end.out, "200\n1\n") << end.err;
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

TEST_P(ToolsTest, UrlIsInNoArguments) {
  const auto end = Run({program_, "tr '\\0' ' ' </proc/$$/cmdline; chat"});
  EXPECT_THAT(end.out, AllOf(Not(HasSubstr("http://")), HasSubstr("200")));
}

TEST_P(ToolsTest, RunWithoutARequestIsToldSo) {
  EXPECT_THAT(Run({program_, "true"}).err, HasSubstr("came through its gateway"));
}

TEST_P(ToolsTest, WhatAKilledRunLeavesTheNextOneRemoves) {
  Process killed = Process::Start({Program("zlease"), program_, "echo ready; sleep 60"}, Own());
  ASSERT_TRUE(WaitUntil([&] { return killed.Out() == "ready\n"; })) << killed.Err();
  const bool has_file = absl::string_view(GetParam().name) != "kilo";
  EXPECT_EQ(LeftBehind().empty(), !has_file);
  killed.Signal(SIGKILL);
  killed.Wait();
  EXPECT_EQ(Run({program_, "chat"}).out, "200\n");
  EXPECT_THAT(LeftBehind(), IsEmpty());
}

TEST_P(ToolsTest, SetUpPointsItAtTheGatewayThatRunsAndUndoBringsEveryByteBack) {
  Process gateway = Process::Start({Program("zlease"), "gateway", "--listen", "127.0.0.1:0",
                                    "--upstream", origin_ + "/api/anthropic"},
                                   Own());
  ASSERT_TRUE(WaitUntil([&] { return absl::EndsWith(gateway.Out(), "\n"); })) << gateway.Err();
  const std::string name =
      absl::string_view(GetParam().name) == "cn" ? "continue" : GetParam().name;
  const auto done = RunProgram({Program("zctl"), "setup", name, "--yes"}, Own());
  EXPECT_EQ(done.exit_status, 0) << done.err;
  EXPECT_THAT(done.out, Not(HasSubstr(std::string(absl::StripAsciiWhitespace(gateway.Out())))));
  EXPECT_EQ(RunProgram({program_, "chat"}, Own()).out, "200\n");
  EXPECT_EQ(daemon_.Rows().size(), 1u);
  // Behind zlease it is one lease, not two.
  EXPECT_EQ(Run({program_, "chat"}).out, "200\n");
  EXPECT_EQ(daemon_.Rows().size(), 2u);
  const auto undone = RunProgram({Program("zctl"), "setup", name, "--undo", "--yes"}, Own());
  EXPECT_EQ(undone.exit_status, 0) << undone.err;
  EXPECT_EQ(ReadFile(file_), original_);
  EXPECT_EQ(RunProgram({Program("zctl"), "setup", name, "--undo", "--yes"}, Own()).exit_status, 1);
  gateway.Signal(SIGTERM);
  gateway.Wait();
}

class RunningGatewayTest : public AgentTest {
 protected:
  Process Start() const {
    return Process::Start(
        {Program("zlease"), "gateway", "--listen", "127.0.0.1:0", "--upstream", UpstreamUrl()},
        Environment());
  }
};

TEST_F(RunningGatewayTest, TellsItsUrlUntilItEnds) {
  const auto environment = Environment();
  const auto ask = [&](std::vector<std::string> more = {}) {
    std::vector<std::string> command = {Program("zlease"), "gateway", "--url"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command, environment);
  };
  EXPECT_EQ(ask().exit_status, 1);
  EXPECT_THAT(ask().err, HasSubstr("none runs"));
  Process gateway = Start();
  ASSERT_TRUE(WaitUntil([&] { return absl::EndsWith(gateway.Out(), "\n"); })) << gateway.Err();
  EXPECT_EQ(ask().out, gateway.Out());
  const std::string url(absl::StripAsciiWhitespace(gateway.Out()));
  EXPECT_EQ(ask({"--openai"}).out, absl::StrCat(url, "/api/coding/paas/v4\n"));
  EXPECT_EQ(ask({"--listen", "127.0.0.1:1"}).exit_status, 1);

  const std::string address = url.substr(7, url.find('/', 7) - 7);
  const auto second = RunProgram({Program("zlease"), "gateway", "--listen", address}, environment);
  EXPECT_EQ(second.exit_status, 125);
  EXPECT_THAT(second.err, AllOf(HasSubstr("one runs there already"), HasSubstr(url)));

  const auto status = RunProgram({Program("zctl"), "status"}, environment);
  EXPECT_THAT(status.out, HasSubstr("gateway on " + address));
  EXPECT_THAT(status.out, Not(HasSubstr(url)));
  const auto json = RunProgram({Program("zctl"), "status", "--json"}, environment);
  EXPECT_THAT(json.out, HasSubstr(absl::StrCat("\"address\":\"", address, "\"")));

  gateway.Signal(SIGTERM);
  gateway.Wait();
  EXPECT_EQ(ask().exit_status, 1);
}

TEST_F(RunningGatewayTest, OneThatWasKilledIsNotThere) {
  Process gateway = Start();
  ASSERT_TRUE(WaitUntil([&] { return absl::EndsWith(gateway.Out(), "\n"); })) << gateway.Err();
  gateway.Signal(SIGKILL);
  gateway.Wait();
  EXPECT_EQ(RunProgram({Program("zlease"), "gateway", "--url"}, Environment()).exit_status, 1);
}

}  // namespace
}  // namespace zbroker::testing
