#include "shims/gateway/transfer.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::gateway {
namespace {

constexpr long kConnectTimeoutMs = 30'000;

// libcurl sends fields of its own accord; an empty value takes them out.
constexpr const char* kNotOurs[] = {"Accept", "Content-Type", "Expect", "User-Agent"};

const char* FromEnvironment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

absl::Status HeaderTooLarge() {
  return absl::UnavailableError("the upstream's header is too large");
}

curl_slist* ToFields(const Headers& headers) {
  curl_slist* list = nullptr;
  for (const Header& header : headers) {
    // A semicolon is libcurl's way to send a field without a value.
    const std::string line = header.value.empty() ? absl::StrCat(header.name, ";")
                                                  : absl::StrCat(header.name, ": ", header.value);
    list = curl_slist_append(list, line.c_str());
  }
  for (const char* name : kNotOurs) {
    bool given = false;
    for (const Header& header : headers) given |= absl::EqualsIgnoreCase(header.name, name);
    if (!given) list = curl_slist_append(list, absl::StrCat(name, ":").c_str());
  }
  // The gateway reads the answers that it passes on.
  return curl_slist_append(list, "Accept-Encoding: identity");
}

}  // namespace

Transfer::Transfer(CurlLoop& loop, Wakeup& changed, const UpstreamRequest& request)
    : loop_(loop),
      changed_(changed),
      easy_(curl_easy_init()),
      fields_(ToFields(request.headers), &curl_slist_free_all) {
  SetRequest(request);
  SetTrust();
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Transfer::OnSend);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  loop_.Add(easy_, [this](CURLcode code) { End(code); });
}

Transfer::~Transfer() {
  loop_.Remove(easy_);
  curl_easy_cleanup(easy_);
}

void Transfer::SetRequest(const UpstreamRequest& request) {
  repeatable_ = request.method == "GET" || request.method == "HEAD";
  curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, fields_.get());
  if (request.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request.body.empty() || request.method == "POST") {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  if (request.method != "POST") {
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

// The variables that the curl program reads, and the library does not.
void Transfer::SetTrust() {
  if (const char* file = FromEnvironment("CURL_CA_BUNDLE")) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, file);
    return;
  }
  if (const char* directory = FromEnvironment("SSL_CERT_DIR")) {
    curl_easy_setopt(easy_, CURLOPT_CAPATH, directory);
  }
  if (const char* file = FromEnvironment("SSL_CERT_FILE")) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, file);
  }
}

// When a kept connection ends without an answer libcurl takes it to have been stale, and sends the
// request once more. But the upstream may be at work on it, and would charge it twice (RFC 9110,
// 9.2.2): whoever sent it decides. It does not say why, so this also holds for what a server of
// HTTP/2 has refused unseen.
int Transfer::OnSend(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!std::exchange(transfer.sent_, true) || transfer.repeatable_) return CURL_PREREQFUNC_OK;
  transfer.result_ = absl::UnavailableError("the upstream closed the connection without an answer");
  return CURL_PREREQFUNC_ABORT;
}

size_t Transfer::OnHeader(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const bool fine = transfer.AddHeaderLine({data, size * count});
  return fine ? size * count : 0;
}

bool Transfer::AddHeaderLine(absl::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax) {
    result_ = HeaderTooLarge();
    return false;
  }
  if (has_head_) return true;  // a trailer
  const bool folded = line[0] == ' ' || line[0] == '\t';
  line = absl::StripAsciiWhitespace(line);
  if (folded && !line.empty()) {
    // The old way to continue a field; to a client it would be one of its own.
    if (!headers_.empty()) absl::StrAppend(&headers_.back().value, " ", line);
    return true;
  }
  if (absl::StartsWith(line, "HTTP/")) {
    // The next of several: 1xx come before the real one.
    headers_.clear();
    framed_ = absl::StartsWith(line, "HTTP/2");
    const size_t code = line.find(' ');
    if (code == line.npos || !absl::SimpleAtoi(line.substr(code + 1, 3), &status_)) return false;
    const size_t reason = line.find(' ', code + 1);
    reason_ = std::string(reason == line.npos ? "" : line.substr(reason + 1));
    if (!IsFieldValue(reason_)) reason_.clear();
    return true;
  }
  if (line.empty()) {
    has_head_ = status_ >= 200;
    if (has_head_) changed_.Notify();
    return true;
  }
  const size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return true;
  const absl::string_view name = line.substr(0, colon);
  const absl::string_view value = absl::StripLeadingAsciiWhitespace(line.substr(colon + 1));
  framed_ |= absl::EqualsIgnoreCase(name, "content-length") ||
             absl::EqualsIgnoreCase(name, "transfer-encoding");
  if (IsFieldName(name) && IsFieldValue(value)) {
    headers_.push_back({std::string(name), std::string(value)});
  }
  return true;
}

size_t Transfer::OnBody(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const size_t bytes = size * count;
  if (!transfer.body_.empty() && transfer.body_.size() + bytes > kBufferBytesMax) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  transfer.body_.append(data, bytes);
  transfer.changed_.Notify();
  return bytes;
}

std::string Transfer::TakeBody() {
  std::string taken = std::exchange(body_, {});
  if (paused_) {
    paused_ = false;
    curl_easy_pause(easy_, CURLPAUSE_CONT);
  }
  return taken;
}

std::optional<uint64_t> Transfer::length() const {
  curl_off_t length = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length < 0) return std::nullopt;
  return static_cast<uint64_t>(length);
}

void Transfer::End(CURLcode code) {
  done_ = true;
  if (result_.ok()) result_ = ResultOf(code);
  changed_.Notify();
}

absl::Status Transfer::ResultOf(CURLcode code) const {
  if (code == CURLE_OK) {
    if (has_head_) return absl::OkStatus();
    return absl::UnavailableError("the upstream broke off within its header");
  }
  // What libcurl calls a line above its own limit.
  if (code == CURLE_OUT_OF_MEMORY && !has_head_) return HeaderTooLarge();
  const absl::string_view detail = absl::StripAsciiWhitespace(error_.data());
  return absl::UnavailableError(detail.empty() ? curl_easy_strerror(code) : detail);
}

}  // namespace zbroker::gateway
