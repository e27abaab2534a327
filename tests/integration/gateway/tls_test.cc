// An upstream over TLS: who is not trusted is not spoken to.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

// The openssl program, which serves files, with a certificate that nobody has signed but itself.
class TlsTest : public GatewayTest {
 protected:
  TlsTest() {
    const auto made = RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                  "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                                  "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                                  "-keyout", key(), "-out", certificate()});
    EXPECT_EQ(made.exit_status, 0) << made.err;
    server_.emplace(Process::Start({"openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key(),
                                    "-cert", certificate(), "-www", "-no_ticket"}));
    EXPECT_TRUE(WaitUntil([&] { return Announced().find('\n') != std::string::npos; }))
        << server_->Err();
    const std::string line = Announced();
    port_ = line.substr(0, line.find('\n'));
  }

  std::string key() const { return daemon_.dir().File("key.pem"); }
  std::string certificate() const { return daemon_.dir().File("certificate.pem"); }
  std::string url(absl::string_view host) const {
    return absl::StrCat("https://", host, ":", port_);
  }

 private:
  // What follows "ACCEPT 127.0.0.1:".
  std::string Announced() const {
    constexpr char kGreeting[] = "ACCEPT 127.0.0.1:";
    const std::string out = server_->Out();
    const size_t at = out.find(kGreeting);
    return at == std::string::npos ? "" : out.substr(at + sizeof kGreeting - 1);
  }

  std::optional<Process> server_;
  std::string port_;
};

TEST_F(TlsTest, CertificateThatNobodyKnowsIsRefused) {
  Start(url("localhost"));
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("certificate"));
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_TRANSIENT);
}

TEST_F(TlsTest, CertificateThatTheUserTrustsIsAccepted) {
  const std::string none;
  for (const auto& [file, bundle] : {std::pair(certificate(), none), {none, certificate()}}) {
    gateway_.reset();
    Start(url("localhost"), {}, {{"SSL_CERT_FILE", file}, {"CURL_CA_BUNDLE", bundle}});
    const HttpAnswer answer = Ask(Get("/"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("s_server"));
  }
}

TEST_F(TlsTest, CertificateOfAnotherHostIsRefused) {
  Start(url("127.0.0.1"), {}, {{"SSL_CERT_FILE", certificate()}, {"CURL_CA_BUNDLE", ""}});
  const HttpAnswer answer = Ask(Get("/"));
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace zbroker::testing
