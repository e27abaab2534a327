#include "shims/gateway/headers.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace zbroker::gateway {
namespace {

constexpr std::array<absl::string_view, 9> kHopByHop = {"connection",
                                                        "keep-alive",
                                                        "proxy-authenticate",
                                                        "proxy-authorization",
                                                        "proxy-connection",
                                                        "te",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade"};

// Whatever a client says: it is told that it still waits twice within this time.
constexpr double kClientSecondsMin = 1;

bool IsOneOf(absl::string_view name, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](absl::string_view one) { return absl::EqualsIgnoreCase(name, one); });
}

// The fields that the hop itself has named in Connection.
std::vector<absl::string_view> NamedByConnection(const Headers& headers) {
  std::vector<absl::string_view> names;
  for (const Header& header : headers) {
    if (!absl::EqualsIgnoreCase(header.name, "connection")) continue;
    for (const absl::string_view name : absl::StrSplit(header.value, ',')) {
      names.push_back(absl::StripAsciiWhitespace(name));
    }
  }
  return names;
}

Headers Without(const Headers& headers, std::initializer_list<absl::string_view> dropped) {
  const std::vector<absl::string_view> named = NamedByConnection(headers);
  Headers kept;
  for (const Header& header : headers) {
    if (IsOneOf(header.name, kHopByHop) || IsOneOf(header.name, named)) continue;
    if (!IsOneOf(header.name, dropped)) kept.push_back(header);
  }
  return kept;
}

}  // namespace

absl::string_view FindHeader(const Headers& headers, absl::string_view name) {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return "";
}

void RemoveHeader(Headers& headers, absl::string_view name) {
  std::erase_if(headers,
                [&](const Header& header) { return absl::EqualsIgnoreCase(header.name, name); });
}

bool IsFieldName(absl::string_view text) {
  constexpr absl::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains(kMarks, c);
  });
}

bool IsFieldValue(absl::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c != '\t' && absl::ascii_iscntrl(c); });
}

Headers ForUpstream(const Headers& from_client) {
  return Without(from_client, {"host", "content-length", "expect", "accept-encoding"});
}

Headers ForClient(const Headers& from_upstream) {
  return Without(from_upstream, {"content-length"});
}

std::optional<absl::Duration> ClientTimeout(const Headers& headers) {
  for (const char* name : {"x-stainless-timeout", "x-stainless-read-timeout"}) {
    double seconds = 0;
    if (!absl::SimpleAtod(FindHeader(headers, name), &seconds)) continue;
    if (seconds > 0 && seconds < 1e6) return absl::Seconds(std::max(seconds, kClientSecondsMin));
  }
  return std::nullopt;
}

}  // namespace zbroker::gateway
