#include "shims/gateway/peer.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::gateway {
namespace {

// `command` with spaces for its zero bytes.
std::string NameOf(absl::string_view name, std::string command) {
  for (char& c : command) c = c == ' ' ? '\0' : c;
  return ProgramName(name, command);
}

TEST(ProgramNameTest, OfAProgramItIsTheKernels) {
  EXPECT_EQ(NameOf("curl", "/usr/bin/curl http://x "), "curl");
  EXPECT_EQ(NameOf("claude", "claude "), "claude");
  EXPECT_EQ(NameOf("x", ""), "x");
}

TEST(ProgramNameTest, OfAScriptItIsItsFile) {
  EXPECT_EQ(NameOf("node", "/usr/bin/node /usr/local/bin/cn -p hi "), "cn");
  EXPECT_EQ(NameOf("MainThread", "node /opt/cline/cline.mjs --hub "), "cline");
  EXPECT_EQ(NameOf("python3", "/usr/bin/python3.11 ask.py "), "ask");
}

TEST(ProgramNameTest, InterpreterWithoutAScriptIsItself) {
  EXPECT_EQ(NameOf("python3", "python3 -c print() "), "python3");
  EXPECT_EQ(NameOf("node", "node "), "node");
  EXPECT_EQ(NameOf("node", "node /bin/\x1b[31m "), "node");
}

}  // namespace
}  // namespace zbroker::gateway
