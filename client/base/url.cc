#include "client/base/url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

constexpr size_t kUrlBytesMax = 2048;

// For a message: short, and without what may be a password.
std::string Shown(absl::string_view text) {
  if (absl::StrContains(text, '@')) return "…";
  return Ellipsize(EscapeControls(text.substr(0, kUrlBytesMax)), 80);
}

bool IsHostAndPort(absl::string_view authority) {
  return !authority.empty() && authority[0] != ':' &&
         std::ranges::all_of(authority, [](unsigned char c) {
           return absl::ascii_isalnum(c) || absl::StrContains(".-_:[]", static_cast<char>(c));
         });
}

}  // namespace

absl::StatusOr<Url> ParseUrl(absl::string_view what, absl::string_view text) {
  const auto wrong = [&](absl::string_view problem) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": ", problem, " in \"", Shown(text),
                     "\"; expected http://HOST/PATH or https://HOST/PATH"));
  };
  if (text.size() > kUrlBytesMax) return wrong("too many characters");
  if (!std::ranges::all_of(text, [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return wrong("a character that no URL has");
  }
  const size_t scheme_end = text.find("://");
  const std::string scheme = absl::AsciiStrToLower(text.substr(0, std::min(scheme_end, size_t{8})));
  if (scheme_end == absl::string_view::npos || (scheme != "http" && scheme != "https")) {
    return wrong("no http:// or https://");
  }
  if (text.find_first_of("?#") != absl::string_view::npos) return wrong("a query or fragment");
  const absl::string_view rest = text.substr(scheme_end + 3);
  const size_t path_at = std::min(rest.find('/'), rest.size());
  const absl::string_view authority = rest.substr(0, path_at);
  if (absl::StrContains(authority, '@')) return wrong("a user name");
  if (!IsHostAndPort(authority)) return wrong("no valid host");
  absl::string_view path = rest.substr(path_at);
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  return Url{absl::StrCat(scheme, "://", absl::AsciiStrToLower(authority)), std::string(path)};
}

}  // namespace zbroker
