#include "shims/tools/known_gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/url.h"

namespace zbroker::tools {
namespace {

// No gateway has a shorter token.
constexpr size_t kTokenBytesMin = 16;
// Of those that gateways make.
constexpr size_t kMadeTokenBytes = 32;

// Whether the Host field of a client that uses this origin is one that a gateway takes. Clients
// write the short forms of addresses out, so "127.1" is 127.0.0.1.
bool IsLoopback(absl::string_view origin) {
  if (!absl::ConsumePrefix(&origin, "http://")) return false;
  if (absl::ConsumePrefix(&origin, "[")) {
    in6_addr address;
    const std::string host(origin.substr(0, origin.find(']')));
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  const std::string host(origin.substr(0, origin.find(':')));
  in_addr address;
  return host == "localhost" ||
         (inet_aton(host.c_str(), &address) != 0 && address.s_addr == htonl(INADDR_LOOPBACK));
}

// The first segment of the path, where a gateway's token is; empty if the URL is not of loopback,
// or the segment can't be a token.
std::string TokenIn(absl::string_view text) {
  const auto url = ParseUrl("base URL", text);
  if (!url.ok() || !IsLoopback(url->origin)) return "";
  absl::string_view path = url->path;
  absl::ConsumePrefix(&path, "/");
  const absl::string_view token = path.substr(0, path.find('/'));
  return token.size() < kTokenBytesMin ? "" : std::string(token);
}

}  // namespace

bool IsKnownGateway(absl::string_view upstream, const std::string& state_directory,
                    const Surroundings& surroundings) {
  const std::string token = TokenIn(upstream);
  if (token.empty()) return false;
  if (token == TokenIn(surroundings.Variable(kGatewayVariable).value_or(""))) return true;
  if (state_directory.empty()) return false;
  const auto kept = surroundings.ReadFile(absl::StrCat(state_directory, "/gateway-token"));
  return kept.ok() && token == absl::StripAsciiWhitespace(*kept);
}

std::optional<std::string> BehindToken(absl::string_view url) {
  const auto parsed = ParseUrl("base URL", url);
  const std::string token = TokenIn(url);
  if (!parsed.ok() || token.size() != kMadeTokenBytes) return std::nullopt;
  if (!std::ranges::all_of(token, [](unsigned char c) { return absl::ascii_isxdigit(c); })) {
    return std::nullopt;
  }
  return parsed->path.substr(1 + token.size());
}

}  // namespace zbroker::tools
