#include "tests/testing/upstream_process.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace zbroker::testing {
namespace {

constexpr char kGreeting[] = "listening on ";

std::vector<std::string> Command(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {Program("fake_upstream"), "--die-with-parent"});
  return flags;
}

}  // namespace

UpstreamProcess::UpstreamProcess(const std::vector<std::string>& flags)
    : process_(Process::Start(Command(flags))) {
  EXPECT_TRUE(WaitUntil([&] { return process_.Out().find('\n') != std::string::npos; }))
      << process_.Err();
  const std::string line = process_.Out();
  const size_t at = line.find(kGreeting);
  if (at == std::string::npos) return;
  base_ = std::string(
      absl::StripAsciiWhitespace(line.substr(at + sizeof kGreeting - 1, line.find('\n'))));
}

std::vector<std::string> UpstreamProcess::CurlCommand() const {
  return {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", WorkUrl()};
}

int UpstreamProcess::Stat(const std::string& name) const {
  const auto end = RunProgram({"curl", "-s", base_ + "/_control/stats?records=0"});
  const std::string key = absl::StrCat("\"", name, "\":");
  const size_t at = end.out.find(key);
  return at == std::string::npos ? -1 : atoi(end.out.c_str() + at + key.size());
}

}  // namespace zbroker::testing
