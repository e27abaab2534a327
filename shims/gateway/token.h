// The secret first segment of the gateway's paths: who knows the base URL may use the gateway.
#ifndef ZBROKER_SHIMS_GATEWAY_TOKEN_H_
#define ZBROKER_SHIMS_GATEWAY_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::gateway {

// 128 random bits in hexadecimal.
std::string NewToken();

// 16 to 64 letters, digits, '-' and '_'.
bool IsToken(absl::string_view text);

// The token that is kept in `directory`/gateway-token, made with mode 0600 if there is none, so
// that tools that were pointed at a gateway find the next one too. Errors: those of the files; it
// is unfit, or others may read it.
absl::StatusOr<std::string> KeptToken(const std::string& directory);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_TOKEN_H_
