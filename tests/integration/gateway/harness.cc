#include "tests/integration/gateway/harness.h"

#include "absl/strings/str_cat.h"

namespace zbroker::testing {

std::string ErrorBody(absl::string_view code, absl::string_view message) {
  return absl::StrCat(R"({"type":"error","error":{"type":"rate_limit_error","code":")", code,
                      R"(","message":"[)", code, "][", message, R"(][r1]"},"request_id":"r1"})");
}

std::string Answer(int status, absl::string_view body, absl::string_view fields) {
  return absl::StrCat("HTTP/1.1 ", status, " Told\r\nContent-Type: application/json\r\n", fields,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::string Chunk(absl::string_view bytes) {
  return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

std::string StreamAnswer() {
  return absl::StrCat(kStreamHead, Chunk(kStreamStart), Chunk(kStreamDelta), Chunk(kStreamEnd),
                      kLastChunk);
}

void GatewayTest::Start(const std::string& upstream, const std::vector<std::string>& flags,
                        const EnvironmentVariables& extra) {
  if (daemon_.RunningPid() == 0) daemon_.Start();
  gateway_.emplace(daemon_, upstream, flags, extra);
  ASSERT_NE(gateway_->port(), 0);
}

std::string GatewayTest::Raw(absl::string_view method_and_path, absl::string_view version,
                             absl::string_view fields) const {
  const size_t space = method_and_path.find(' ');
  return absl::StrCat(method_and_path.substr(0, space + 1), gateway_->path(),
                      method_and_path.substr(space + 1), " ", version, "\r\n", fields, "\r\n");
}

std::string GatewayTest::Post(absl::string_view body, absl::string_view fields,
                              absl::string_view path) const {
  return absl::StrCat(Raw(absl::StrCat("POST ", path), "HTTP/1.1",
                          absl::StrCat("Host: 127.0.0.1\r\nContent-Type: application/json\r\n",
                                       fields, "Content-Length: ", body.size(), "\r\n")),
                      body);
}

std::string GatewayTest::Get(absl::string_view path, absl::string_view fields) const {
  return Raw(absl::StrCat("GET ", path), "HTTP/1.1", absl::StrCat("Host: localhost\r\n", fields));
}

HttpAnswer GatewayTest::Ask(absl::string_view request) const {
  HttpConnection connection = Connect();
  EXPECT_TRUE(connection.Send(request));
  return connection.Read();
}

std::vector<v1::LedgerRow> GatewayTest::SettledRows() const {
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  // Calls of tools may have leases without a slot.
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).leases_size() == 0; }));
  return daemon_.Rows();
}

v1::LedgerRow GatewayTest::OnlyRow() const {
  const std::vector<v1::LedgerRow> rows = SettledRows();
  EXPECT_EQ(rows.size(), 1u);
  return rows.size() == 1 ? rows[0] : v1::LedgerRow();
}

}  // namespace zbroker::testing
