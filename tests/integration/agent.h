// What the tests of agents share: a script that is called like one, and sends what curl can.
#ifndef ZBROKER_TESTS_INTEGRATION_AGENT_H_
#define ZBROKER_TESTS_INTEGRATION_AGENT_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/process.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {

// Runs its last argument with `ask` as a command that prints the HTTP status of a prompt, and $url.
inline constexpr char kAgent[] = R"sh(#!/bin/sh
url=$ANTHROPIC_BASE_URL
if [ "$1" = --settings ]; then
  settings=$2
  url=$(sed 's/.*"ANTHROPIC_BASE_URL":"\([^"]*\)".*/\1/' "$settings")
fi
prompt='{"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'
ask() {
  curl -s -o /dev/null -w '%{http_code}\n' --retry 20 --retry-connrefused --retry-delay 1 \
    -d "$prompt" -H 'content-type: application/json' "$url/v1/messages"
}
once() {
  curl -s -o /dev/null -w '%{http_code}\n' -m 20 \
    -d "$prompt" -H 'content-type: application/json' "$url/v1/messages"
}
for script; do :; done
eval "$script"
)sh";

inline std::vector<pid_t> ChildrenOf(pid_t pid) {
  const std::string text = ReadFile(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  std::vector<pid_t> children;
  for (const auto& one : absl::StrSplit(text, ' ', absl::SkipWhitespace())) {
    children.push_back(atoi(std::string(one).c_str()));
  }
  return children;
}

inline bool Alive(pid_t pid) {
  const auto stat = ReadProcessStat(pid);
  return stat && stat->alive();
}

class AgentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    mkdir(home_.c_str(), 0700);
    mkdir((home_ + "/.claude").c_str(), 0700);
    WriteFile(agent_, kAgent);
    chmod(agent_.c_str(), 0700);
  }

  std::string UpstreamUrl() const {
    const std::string work = upstream_.WorkUrl();
    return work.substr(0, work.rfind('/')) + "/api/anthropic";
  }

  EnvironmentVariables Environment(const EnvironmentVariables& more = {}) const {
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("HOME", home_);
    all.emplace_back("ANTHROPIC_BASE_URL", UpstreamUrl());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> Command(const std::string& script) const {
    return {Program("zlease"), agent_, script};
  }
  Process StartAgent(const std::string& script) const {
    return Process::Start(Command(script), Environment());
  }
  Process::End RunAgent(const std::string& script, const EnvironmentVariables& more = {}) const {
    return RunProgram(Command(script), Environment(more));
  }

  // The gateway among the children of a running zlease.
  static pid_t GatewayOf(const Process& zlease) {
    for (const pid_t child : ChildrenOf(zlease.pid())) {
      const auto stat = ReadProcessStat(child);
      if (stat && stat->name == "zlease-gateway") return child;
    }
    return 0;
  }
  // For a script that goes on when a file is there.
  std::string UntilLet() const {
    return absl::StrCat("echo ready; until [ -e ", let_, " ]; do sleep 0.02; done; ");
  }
  void Let() const { WriteFile(let_, ""); }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n"};
  UpstreamProcess upstream_{{"--service", "1ms"}};
  const std::string home_ = daemon_.dir().File("home");
  const std::string agent_ = daemon_.dir().File("claude");
  const std::string let_ = daemon_.dir().File("let");
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_AGENT_H_
