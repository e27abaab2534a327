// Helpers for absl::Status, at every boundary of ours.
#ifndef ZBROKER_CLIENT_BASE_STATUS_H_
#define ZBROKER_CLIENT_BASE_STATUS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker {

// "<what>: <the system's words>", with the code that fits the errno.
absl::Status ErrnoToStatus(int error, absl::string_view what);

// The same status with "<prefix>: " before its message. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

// gRPC has the same codes and no conversion. A template, so that nobody needs its headers for this.
template <typename RpcStatus>
RpcStatus ToRpcStatus(const absl::Status& status) {
  using Code = decltype(RpcStatus().error_code());
  return RpcStatus(static_cast<Code>(status.raw_code()), std::string(status.message()));
}
template <typename RpcStatus>
absl::Status FromRpcStatus(const RpcStatus& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace zbroker

#define ZB_CONCAT_INNER(a, b) a##b
#define ZB_CONCAT(a, b) ZB_CONCAT_INNER(a, b)

#define ZB_RETURN_IF_ERROR(expression)                            \
  do {                                                            \
    if (absl::Status zb_status = (expression); !zb_status.ok()) { \
      return zb_status;                                           \
    }                                                             \
  } while (false)

#define ZB_ASSIGN_OR_RETURN(declaration, expression) \
  ZB_ASSIGN_OR_RETURN_IMPL(ZB_CONCAT(zb_or_, __LINE__), declaration, expression)
#define ZB_ASSIGN_OR_RETURN_IMPL(temporary, declaration, expression) \
  auto temporary = (expression);                                     \
  if (!temporary.ok()) return temporary.status();                    \
  declaration = *std::move(temporary)

#endif  // ZBROKER_CLIENT_BASE_STATUS_H_
