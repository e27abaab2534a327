#include "shims/gateway/target.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"
#include "shims/zai/endpoint.h"

namespace zbroker::gateway {
namespace {

constexpr size_t kUrlBytesMax = 2048;

bool SameBytes(absl::string_view a, absl::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// 127.0.0.0/8 in its usual spelling.
bool IsLoopbackAddress(absl::string_view host) {
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    int number = 0;
    return !part.empty() && part.find_first_not_of("0123456789") == part.npos &&
           absl::SimpleAtoi(part, &number) && number <= 255;
  });
}

std::string WithSingleSlashes(absl::string_view path) {
  std::string single;
  for (const char c : path) {
    if (c != '/' || single.empty() || single.back() != '/') single.push_back(c);
  }
  return single;
}

struct UrlParts {
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url{curl_url(), &curl_url_cleanup};

  // Empty when the URL has none.
  std::string Get(CURLUPart part) const {
    char* text = nullptr;
    if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
    const std::string copy = text;
    curl_free(text);
    return copy;
  }
};

}  // namespace

bool IsLoopbackHost(absl::string_view host) {
  // A colon outside of brackets begins the port.
  const size_t bracket = host.rfind(']');
  const size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  if (colon != host.npos) {
    int port = 0;
    if (!absl::SimpleAtoi(host.substr(colon + 1), &port) || port < 0) return false;
    host = host.substr(0, colon);
  }
  return IsLoopbackAddress(host) || host == "[::1]" || absl::EqualsIgnoreCase(host, "localhost");
}

RequestTarget ReadTarget(absl::string_view target) {
  constexpr absl::string_view kScheme = "http://";
  if (!absl::StartsWithIgnoreCase(target, kScheme)) return {std::nullopt, target};
  target.remove_prefix(kScheme.size());
  const size_t end = std::min(target.find_first_of("/?"), target.size());
  return {target.substr(0, end), target.substr(end)};
}

std::optional<absl::string_view> BelowToken(absl::string_view target, absl::string_view token) {
  if (token.empty() || target.empty() || target[0] != '/') return std::nullopt;
  const absl::string_view rest = target.substr(1);
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  if (!SameBytes(rest.substr(0, end), token)) return std::nullopt;
  return rest.substr(end);
}

absl::string_view PathOf(absl::string_view target) { return target.substr(0, target.find('?')); }

absl::string_view AfterAuthority(absl::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const size_t end = std::min(url.find_first_of("/?"), url.size());
  return end == url.size() ? "/" : url.substr(end);
}

absl::StatusOr<Upstream> Upstream::Parse(absl::string_view url) {
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("upstream ", EscapeControls(Ellipsize(url, 80)), ": ", why,
                     "; expected an address like https://api.z.ai/api/anthropic"));
  };
  if (url.size() > kUrlBytesMax) return wrong("longer than 2048 bytes");
  const UrlParts parts;
  const std::string text(url);
  if (curl_url_set(parts.url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return wrong("not a URL");
  }
  const std::string scheme = parts.Get(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return wrong("neither http nor https");
  if (!parts.Get(CURLUPART_QUERY).empty() || !parts.Get(CURLUPART_FRAGMENT).empty()) {
    return wrong("has a query or a fragment");
  }
  if (!parts.Get(CURLUPART_USER).empty() || !parts.Get(CURLUPART_PASSWORD).empty()) {
    return wrong("has a user name or a password");
  }
  const std::string port = parts.Get(CURLUPART_PORT);
  Upstream upstream;
  upstream.origin_ =
      absl::StrCat(scheme, "://", parts.Get(CURLUPART_HOST), port.empty() ? "" : ":", port);
  absl::string_view path = url.substr(url.find("://") + 3);
  const size_t slash = path.find('/');
  path = slash == path.npos ? absl::string_view() : path.substr(slash);
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  upstream.path_ = std::string(path);
  return upstream;
}

std::string Upstream::UrlFor(absl::string_view below) const {
  const absl::string_view path = PathOf(below);
  const std::string single = WithSingleSlashes(path);
  return absl::StrCat(origin_, zai::IsServicePath(single) ? "" : path_, single,
                      below.substr(path.size()));
}

std::optional<std::string> Upstream::BelowFor(absl::string_view location) const {
  const bool absolute = absl::ConsumePrefix(&location, origin_);
  // A host's name goes on, or one begins.
  const bool is_path = location.empty() ? absolute : absl::StrContains("/?", location.substr(0, 1));
  if (!is_path || absl::StartsWith(location, "//")) return std::nullopt;
  const absl::string_view path = PathOf(location);
  absl::string_view below = location;
  const bool inside =
      absl::ConsumePrefix(&below, path_) && (below.empty() || below[0] == '/' || below[0] == '?');
  if (inside) return std::string(below);
  if (zai::IsServicePath(path)) return std::string(location);
  return std::nullopt;
}

}  // namespace zbroker::gateway
