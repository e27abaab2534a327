// What the tests of zlease mcp share: a daemon, and lines as they go over the wire.
#ifndef ZBROKER_TESTS_INTEGRATION_MCP_HARNESS_H_
#define ZBROKER_TESTS_INTEGRATION_MCP_HARNESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/mcp/client.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {

inline std::string McpCall(absl::string_view id, absl::string_view tool,
                           absl::string_view meta = "") {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"method":"tools/call","params":)",
                      R"({"name":")", tool, R"(","arguments":{})", meta.empty() ? "" : ",", meta,
                      "}}\n");
}
inline std::string McpText(absl::string_view id, absl::string_view text) {
  return absl::StrCat(R"({"jsonrpc":"2.0","id":)", id, R"(,"result":{"content":[{"type":"text",)",
                      R"("text":")", text, "\"}]}}\n");
}
inline constexpr char kMcpPing[] = "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n";
inline constexpr char kMcpPong[] = "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n";
inline std::string McpCancel(absl::string_view id) {
  return absl::StrCat(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)",
                      R"("params":{"requestId":)", id, "}}\n");
}

class McpTest : public ::testing::Test {
 protected:
  // On two slots, which calls take.
  explicit McpTest(const std::string& more = "[account.default.mcp]\nslots = true\n")
      : daemon_(absl::StrCat("[broker]\nunclean_hold = \"50ms\"\n"
                             "[account.default.slots]\nlimit = 2\nlearn = false\n",
                             more)) {}

  void SetUp() override { daemon_.Start(); }

  // `options`: of zlease mcp, with the command behind "--".
  std::unique_ptr<McpClient> Start(std::vector<std::string> options,
                                   EnvironmentVariables extra = {}, bool sockets = false) const {
    options.insert(options.begin(), {Program("zlease"), "mcp"});
    for (const auto& one : daemon_.Environment()) extra.push_back(one);
    return std::make_unique<McpClient>(options, extra, sockets);
  }
  std::unique_ptr<McpClient> StartFake(std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"--", Program("fake_mcp_server")});
    return Start(std::move(options));
  }

  bool NothingIsHeld() const { return daemon_.WaitForSlots(0, 0); }
  v1::LedgerRow OnlyRow() const {
    EXPECT_TRUE(NothingIsHeld());
    const auto rows = daemon_.Rows();
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? v1::LedgerRow() : rows[0];
  }

  DaemonProcess daemon_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_MCP_HARNESS_H_
