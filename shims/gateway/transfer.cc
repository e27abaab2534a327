#include "shims/gateway/transfer.h"

#include <algorithm>
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

using Fields = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Null when there is no memory for it.
void Append(const std::string& line, Fields& fields, bool& fine) {
  curl_slist* const longer = fine ? curl_slist_append(fields.get(), line.c_str()) : nullptr;
  fine = longer != nullptr;
  if (!fine) return;
  fields.release();
  fields.reset(longer);
}

Fields ToFields(const Headers& headers) {
  Fields fields(nullptr, &curl_slist_free_all);
  bool fine = true;
  for (const Header& header : headers) {
    // A semicolon is libcurl's way to send a field without a value.
    const std::string line = header.value.empty() ? absl::StrCat(header.name, ";")
                                                  : absl::StrCat(header.name, ": ", header.value);
    Append(line, fields, fine);
  }
  for (const char* name : kNotOurs) {
    bool given = false;
    for (const Header& header : headers) given |= absl::EqualsIgnoreCase(header.name, name);
    if (!given) Append(absl::StrCat(name, ":"), fields, fine);
  }
  // The gateway reads the answers that it passes on.
  Append("Accept-Encoding: identity", fields, fine);
  if (!fine) fields.reset();
  return fields;
}

}  // namespace

Transfer::Transfer(CurlLoop& loop, Wakeup& changed, const UpstreamRequest& request)
    : loop_(loop), changed_(changed), easy_(loop.Borrow()), fields_(ToFields(request.headers)) {
  if (SetUp(request)) {
    Begin();
  } else {
    End(refused_);
  }
}

Transfer::~Transfer() {
  loop_.Remove(easy_, std::move(closed_));
  loop_.GiveBack(easy_);
}

template <typename Value>
void Transfer::Set(CURLoption option, Value value) {
  if (refused_ == CURLE_OK) refused_ = curl_easy_setopt(easy_, option, value);
}

bool Transfer::SetUp(const UpstreamRequest& request) {
  if (easy_ == nullptr || fields_ == nullptr) {
    refused_ = CURLE_OUT_OF_MEMORY;
    return false;
  }
  SetRequest(request);
  SetTrust();
  Set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  Set(CURLOPT_HEADERDATA, this);
  Set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  Set(CURLOPT_WRITEDATA, this);
  Set(CURLOPT_PREREQFUNCTION, &Transfer::OnSend);
  Set(CURLOPT_PREREQDATA, this);
  if (absl::StartsWith(request.url, "https:")) {
    // HTTP/2 is spoken over TLS only.
    Set(CURLOPT_DEBUGFUNCTION, &Transfer::OnText);
    Set(CURLOPT_DEBUGDATA, this);
    Set(CURLOPT_VERBOSE, 1L);
  }
  Set(CURLOPT_ERRORBUFFER, error_.data());
  Set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  Set(CURLOPT_NOSIGNAL, 1L);
  return refused_ == CURLE_OK;
}

void Transfer::SetRequest(const UpstreamRequest& request) {
  repeatable_ = request.method == "GET" || request.method == "HEAD";
  Set(CURLOPT_URL, request.url.c_str());
  Set(CURLOPT_PATH_AS_IS, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_HTTPHEADER, fields_.get());
  const int64_t idle_max = absl::ToInt64Seconds(request.idle_connection_max);
  if (idle_max == 0) Set(CURLOPT_FORBID_REUSE, 1L);
  Set(CURLOPT_MAXAGE_CONN, static_cast<long>(std::max<int64_t>(idle_max, 1)));
  if (request.method == "HEAD") return Set(CURLOPT_NOBODY, 1L);
  if (!request.body.empty() || request.method == "POST") {
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    Set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  if (request.method != "POST") Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// The variables that the curl program reads, and the library does not.
void Transfer::SetTrust() {
  if (const char* file = FromEnvironment("CURL_CA_BUNDLE")) {
    Set(CURLOPT_CAINFO, file);
    return;
  }
  if (const char* directory = FromEnvironment("SSL_CERT_DIR")) {
    Set(CURLOPT_CAPATH, directory);
  }
  if (const char* file = FromEnvironment("SSL_CERT_FILE")) {
    Set(CURLOPT_CAINFO, file);
  }
}

// Libcurl has no other way than its text to tell what a server of HTTP/2 says of a request that it
// turns away unseen: GOAWAY names the last stream that it looked at, and a stream may be refused.
// Of a refusal on a kept connection it says only that the connection died, and does so of a reset
// too, but then it has said before what failed; the end of a connection it does not call a death on
// HTTP/2.
int Transfer::OnText(CURL*, curl_infotype type, char* data, size_t size, void* self) {
  if (type != CURLINFO_TEXT) return 0;
  auto& transfer = *static_cast<Transfer*>(self);
  absl::string_view text(data, size);
  const auto number = [&](absl::string_view after, uint32_t& value) {
    const size_t at = text.find(after);
    if (at == text.npos) return false;
    const absl::string_view rest = text.substr(at + after.size());
    return absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &value);
  };
  if (number("Using Stream ID: ", transfer.stream_id_)) {
    transfer.failed_ = false;
    return 0;
  }
  transfer.failed_ |= absl::StrContains(absl::AsciiStrToLower(text), "fail");
  const bool died =
      transfer.stream_id_ != 0 && absl::StrContains(text, "Connection died, retrying");
  uint32_t last = 0;
  transfer.unseen_ |= absl::StrContains(text, "REFUSED_STREAM") || (died && !transfer.failed_) ||
                      (absl::StrContains(text, "GOAWAY") && number("last_stream=", last) &&
                       transfer.stream_id_ > last);
  return 0;
}

// When a kept connection ends without an answer libcurl takes it to have been stale, and sends the
// request once more. But the upstream may be at work on it, and would charge it twice (RFC 9110,
// 9.2.2): whoever sent it decides. Only what a server of HTTP/2 says not to have seen goes out
// again, once.
int Transfer::OnSend(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!std::exchange(transfer.sent_, true) || transfer.repeatable_) return CURL_PREREQFUNC_OK;
  if (transfer.unseen_ && !std::exchange(transfer.resent_, true)) return CURL_PREREQFUNC_OK;
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
    if (status_ == 101) {
      result_ = absl::UnavailableError("the upstream switched to another protocol, unasked");
      return false;
    }
    if (status_ >= 500) curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
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

void Transfer::Begin() {
  loop_.Add(easy_, [this](CURLcode code) { End(code); });
}

void Transfer::End(CURLcode code) {
  if (code != CURLE_OK && unseen_ && !has_head_ && !std::exchange(resent_, true)) {
    loop_.Remove(easy_);
    sent_ = false;
    Set(CURLOPT_FRESH_CONNECT, 1L);
    return Begin();
  }
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
