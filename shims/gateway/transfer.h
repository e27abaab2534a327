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
#include "shims/gateway/asio.h"
#include "shims/gateway/curl_loop.h"
#include "shims/gateway/headers.h"

namespace zbroker::gateway {

struct UpstreamRequest {
  std::string method;
  std::string url;
  Headers headers;
  absl::string_view body;  // must outlive the transfer
};

// Proxies, certificates and the choice of addresses are as libcurl's users expect: HTTPS_PROXY,
// ALL_PROXY, NO_PROXY, CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR count. Redirections are not
// followed. Not thread-safe.
class Transfer {
 public:
  // What may wait here to be taken; more stays in the connection, which holds up the upstream.
  static constexpr size_t kBufferBytesMax = 256 * 1024;
  static constexpr size_t kHeaderBytesMax = 256 * 1024;

  // Starts it. `changed` is notified when there is anything new below, and must outlive this.
  Transfer(CurlLoop& loop, Wakeup& changed, const UpstreamRequest& request);
  // Ends it, if it has not ended: the connection is closed, or the stream reset.
  ~Transfer();
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
  static int OnSend(void* self, char* to, char* from, int to_port, int from_port);

  void SetRequest(const UpstreamRequest& request);
  void SetTrust();
  bool AddHeaderLine(absl::string_view line);
  void End(CURLcode code);
  absl::Status ResultOf(CURLcode code) const;

  CurlLoop& loop_;
  Wakeup& changed_;
  CURL* const easy_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> fields_;
  std::array<char, CURL_ERROR_SIZE> error_{};

  bool has_head_ = false;
  bool framed_ = false;
  bool paused_ = false;
  bool done_ = false;
  bool repeatable_ = false;
  bool sent_ = false;
  int status_ = 0;
  size_t header_bytes_ = 0;
  std::string reason_;
  Headers headers_;
  std::string body_;
  absl::Status result_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_TRANSFER_H_
