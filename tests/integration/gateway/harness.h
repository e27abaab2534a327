// What the tests of the gateway share: a daemon, a gateway, and requests as they go over the wire.
#ifndef ZBROKER_TESTS_INTEGRATION_GATEWAY_HARNESS_H_
#define ZBROKER_TESTS_INTEGRATION_GATEWAY_HARNESS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/gateway_process.h"
#include "tests/testing/http_connection.h"
#include "tests/testing/raw_upstream.h"

namespace zbroker::testing {

// Where the protocols besides Anthropic's are spoken.
inline constexpr char kChatPath[] = "/api/coding/paas/v4/chat/completions";
inline constexpr char kResponsesPath[] = "/api/v1/responses";

inline constexpr char kOneSlot[] = "[account.default.slots]\nlimit = 1\n";

// Requests of the Anthropic protocol, and what an upstream answers.
inline constexpr char kPrompt[] =
    R"({"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
inline constexpr char kStreamPrompt[] =
    R"({"model":"glm-4.7","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]})";
inline constexpr char kMessage[] =
    R"({"type":"message","role":"assistant","content":[{"type":"text","text":"hello"}],)"
    R"("usage":{"input_tokens":7,"output_tokens":2}})";
// The first event says nothing yet, and so is kept back; the second is the first of the answer.
inline constexpr char kStreamStart[] =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\","
    "\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"oh, \"}}\n\n";
inline constexpr char kStreamDelta[] =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"hello\"}}\n\n";
inline constexpr char kStreamEnd[] = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

// An error of the upstream in its present shape.
std::string ErrorBody(absl::string_view code, absl::string_view message);

// Answers with a length, so that the connection can be used again.
std::string Answer(int status, absl::string_view body, absl::string_view fields = "");
inline constexpr char kStreamHead[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
std::string Chunk(absl::string_view bytes);
inline constexpr char kLastChunk[] = "0\r\n\r\n";
// A whole stream, chunked.
std::string StreamAnswer();

class GatewayTest : public ::testing::Test {
 protected:
  explicit GatewayTest(const std::string& config = "") : daemon_(config) {}

  // Starts the daemon, if it does not run, and the gateway.
  void Start(const std::string& upstream, const std::vector<std::string>& flags = {},
             const EnvironmentVariables& extra = {});

  HttpConnection Connect(int receive_bytes = 0) const {
    return HttpConnection(gateway_->port(), receive_bytes);
  }
  // `fields`: whole lines besides Host and Content-Length. `path` is below the token.
  std::string Post(absl::string_view body, absl::string_view fields = "",
                   absl::string_view path = "/v1/messages") const;
  std::string Get(absl::string_view path, absl::string_view fields = "") const;
  // Any request line and fields, for the gateway's token.
  std::string Raw(absl::string_view method_and_path, absl::string_view version,
                  absl::string_view fields) const;
  // Sends it on a connection of its own and reads the answer.
  HttpAnswer Ask(absl::string_view request) const;

  // The rows, once no lease is open and nobody waits.
  std::vector<v1::LedgerRow> SettledRows() const;
  // The only one of them; fails the test if there are more or none.
  v1::LedgerRow OnlyRow() const;

  DaemonProcess daemon_;
  std::optional<GatewayProcess> gateway_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_GATEWAY_HARNESS_H_
