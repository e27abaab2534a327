#include "tests/fuzz/input.h"

#include <iterator>

#include "client/base/text.h"

namespace zbroker::fuzz {
namespace {

struct Route {
  absl::string_view method;
  absl::string_view path;
};

constexpr Route kRoutes[] = {
    {"POST", "/v1/messages"},
    {"POST", "/chat/completions"},
    {"POST", "/api/mcp/web_reader/mcp"},
    {"POST", "/v1/messages/count_tokens"},
    {"POST", "/elsewhere"},
    {"GET", "/models"},
    {"POST", "/api/v1/responses"},
};

}  // namespace

uint8_t TakeByte(absl::string_view* input) {
  if (input->empty()) return 0;
  const auto byte = static_cast<uint8_t>(input->front());
  input->remove_prefix(1);
  return byte;
}

zai::Endpoint TakeEndpoint(absl::string_view* input) {
  const Route& route = kRoutes[TakeByte(input) % std::size(kRoutes)];
  return zai::FindEndpoint(route.method, route.path);
}

bool IsName(absl::string_view text, size_t bytes_max) {
  return CheckName("text", text, bytes_max).ok();
}

std::string Mistake(const zai::Verdict& verdict) {
  if (!IsName(verdict.code, 64)) return "code";
  if (!IsName(verdict.message, 256)) return "message";
  if (!IsName(verdict.request_id, 64)) return "request id";
  const absl::Duration longest = absl::Hours(32 * 24);
  if (verdict.retry_after &&
      (*verdict.retry_after < absl::ZeroDuration() || *verdict.retry_after > longest)) {
    return "retry-after";
  }
  if (verdict.window_length < absl::ZeroDuration()) return "window length";
  if (verdict.reset_at) {
    if (verdict.signal != zai::Signal::kWall) return "reset without a wall";
    const absl::Duration wait = *verdict.reset_at - kNow;
    if (wait <= absl::ZeroDuration()) return "reset in the past";
    const bool known_length = verdict.window_length > absl::ZeroDuration();
    if (wait > (known_length ? verdict.window_length + absl::Hours(24) : longest)) {
      return "reset too far away";
    }
  }
  if (verdict.known_code && verdict.code.empty()) return "known code without a code";
  return "";
}

}  // namespace zbroker::fuzz
