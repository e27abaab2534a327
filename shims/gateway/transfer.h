// One request to the upstream, and its answer as it comes.
#ifndef ZBROKER_SHIMS_GATEWAY_TRANSFER_H_
#define ZBROKER_SHIMS_GATEWAY_TRANSFER_H_

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/gateway/asio.h"
#include "shims/gateway/curl_loop.h"
#include "shims/gateway/headers.h"

namespace zbroker::gateway {

struct UpstreamRequest {
  std::string method;
  std::string url;
  Headers headers;
  absl::string_view body;  // must outlive the transfer
  // A connection that was idle for longer is not used; zero: none is kept for another request. The
  // other end, or a router between, may have forgotten it, and whoever sends on it learns that
  // late.
  absl::Duration idle_connection_max = absl::Seconds(5);
};

// Proxies, certificates and the choice of addresses are as libcurl's users expect: HTTPS_PROXY,
// ALL_PROXY, NO_PROXY, CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR count. Redirections are not
// followed. A connection that gave a 5xx is not used again: what stands before the server may keep
// it open to a server that is gone. Not thread-safe.
class Transfer {
 public:
  // What may wait here to be taken; more stays in the connection, which holds up the upstream.
  static constexpr size_t kBufferBytesMax = 256 * 1024;
  static constexpr size_t kHeaderBytesMax = 256 * 1024;

  // Starts it. `changed` is notified when there is anything new below, and must outlive this.
  Transfer(CurlLoop& loop, Wakeup& changed, const UpstreamRequest& request);
  // Ends it, if it has not ended: the connection is closed, or the stream reset.
  ~Transfer();
  // See CurlLoop::Remove, when that happens.
  void TellWhenClosed(Farewells::Closed closed) { closed_ = std::move(closed); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // The final status line and fields have come.
  bool has_head() const { return has_head_; }
  int status() const { return status_; }
  const std::string& reason() const { return reason_; }
  // Without those that are none by IsFieldName() and IsFieldValue().
  const Headers& headers() const { return headers_; }
  // Of the body, if it was announced in a way that counts: a Content-Length beside chunks does not.
  std::optional<uint64_t> length() const;
  // The end of the body was announced (a length, chunks, HTTP/2), so that a cut is seen as an
  // error; else the end of the connection ends it, for whatever reason that came.
  bool framed() const { return framed_; }

  // The body so far, without what was taken before.
  std::string TakeBody();
  bool has_body() const { return !body_.empty(); }

  // No more comes, beyond what TakeBody still gives.
  bool done() const { return done_; }
  // How it ended. UNAVAILABLE: the upstream can't be reached, broke off, or answered no HTTP.
  const absl::Status& result() const { return result_; }

 private:
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnText(CURL* easy, curl_infotype type, char* text, size_t size, void* self);
  static int OnSend(void* self, char* to, char* from, int to_port, int from_port);

  // False: libcurl refuses an option.
  bool SetUp(const UpstreamRequest& request);
  void SetRequest(const UpstreamRequest& request);
  void SetTrust();
  template <typename Value>
  void Set(CURLoption option, Value value);
  bool AddHeaderLine(absl::string_view line);
  void Begin();
  void End(CURLcode code);
  absl::Status ResultOf(CURLcode code) const;

  CurlLoop& loop_;
  Wakeup& changed_;
  CURL* const easy_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> fields_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CURLcode refused_ = CURLE_OK;  // the first option that was

  bool has_head_ = false;
  bool framed_ = false;
  bool paused_ = false;
  bool done_ = false;
  bool repeatable_ = false;
  bool sent_ = false;
  bool resent_ = false;
  bool unseen_ = false;     // the server has said that it did not see the request
  uint32_t stream_id_ = 0;  // HTTP/2's; 0: none yet
  bool failed_ = false;     // libcurl has said what failed since that stream began
  int status_ = 0;
  size_t header_bytes_ = 0;
  std::string reason_;
  Headers headers_;
  std::string body_;
  absl::Status result_;
  Farewells::Closed closed_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_TRANSFER_H_
