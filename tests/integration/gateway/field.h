// What the tests of things seen in the field share.
#ifndef ZBROKER_TESTS_INTEGRATION_GATEWAY_FIELD_H_
#define ZBROKER_TESTS_INTEGRATION_GATEWAY_FIELD_H_

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/case_files.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {

// A gateway for an upstream whose answers may wait until the test opens.
class FieldTest : public GatewayTest {
 protected:
  explicit FieldTest(const std::string& config = "") : GatewayTest(config) {}
  ~FieldTest() override { open_ = true; }  // lets what is still served end

  void StartWith(RawUpstream::Serve serve, const std::vector<std::string>& flags = {}) {
    upstream_.emplace(std::move(serve));
    Start(absl::StrCat(upstream_->url(), "/api/anthropic"), flags);
  }
  void AwaitOpening() {
    WaitUntil([&] { return open_.load(); });
  }

  std::atomic<bool> open_ = false;
  std::optional<RawUpstream> upstream_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_GATEWAY_FIELD_H_
