#include "shims/doctor/targets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::doctor {
namespace {

// Empty for a family that it is not one of.
Address AddressIn(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    memcpy(&v4, &address, sizeof v4);
    return {reinterpret_cast<const char*>(&v4.sin_addr), sizeof v4.sin_addr};
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    memcpy(&v6, &address, sizeof v6);
    return Plain({reinterpret_cast<const char*>(&v6.sin6_addr), sizeof v6.sin6_addr});
  }
  return {};
}

}  // namespace

std::string HostAndPort::text() const {
  return absl::StrCat(absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host, ":",
                      port);
}

absl::StatusOr<HostAndPort> HostOf(const Url& url) {
  absl::string_view authority = url.origin;
  const bool is_secure = absl::ConsumePrefix(&authority, "https://");
  absl::ConsumePrefix(&authority, "http://");
  absl::string_view host = authority;
  absl::string_view port;
  if (const size_t colon = authority.rfind(':');
      colon != authority.npos && authority.find(']', colon) == authority.npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  uint32_t number = is_secure ? 443 : 80;
  if (!port.empty() && (!absl::SimpleAtoi(port, &number) || number == 0 || number > 65'535)) {
    return absl::InvalidArgumentError(absl::StrCat(port, " is no port"));
  }
  return HostAndPort{std::string(host), static_cast<uint16_t>(number)};
}

absl::StatusOr<std::vector<Target>> Resolve(const HostAndPort& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.host.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat(host.host, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<Target> targets;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    Address address = AddressIn(*one->ai_addr);
    if (!address.empty()) targets.push_back({host.text(), std::move(address), host.port});
  }
  return targets;
}

}  // namespace zbroker::doctor
