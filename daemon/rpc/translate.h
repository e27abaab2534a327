// Between the wire's messages and the core's words. Pure.
#ifndef ZBROKER_DAEMON_RPC_TRANSLATE_H_
#define ZBROKER_DAEMON_RPC_TRANSLATE_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/command.h"
#include "daemon/core/event.h"
#include "zbroker/v1/broker.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::rpc {

// Values beyond the range that the types define become its ends.
google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration length);
// Errors: INVALID_ARGUMENT, naming `what`, outside the range that the types define.
absl::StatusOr<absl::Time> FromProto(absl::string_view what,
                                     const google::protobuf::Timestamp& time);
absl::StatusOr<absl::Duration> FromProto(absl::string_view what,
                                         const google::protobuf::Duration& length);

v1::Kind ToProto(core::Kind kind);
v1::Priority ToProto(core::Priority priority);
v1::Outcome ToProto(core::Outcome outcome);
v1::LeaseState ToProto(core::LeaseState state);
v1::WaitReason ToProto(core::WaitReason reason);
v1::Pause ToProto(const core::Pause& pause, const Now& now);
// Errors: INVALID_ARGUMENT for names that are none.
absl::StatusOr<core::Part> FromProto(const v1::Part& part);
// Empty for OUTCOME_UNSPECIFIED. Errors: INVALID_ARGUMENT for a number that is none.
absl::StatusOr<std::optional<core::Outcome>> FromProto(v1::Outcome outcome);
// The whole account for SCOPE_UNSPECIFIED. Errors as above.
absl::StatusOr<core::Scope> FromProto(v1::Scope scope);

v1::Block ToProto(const core::Block& block, const Now& now);

// The wait's reason with its instant: "window 5h has no room until 14:05:00".
std::string DescribeWait(const core::WaitState& state, const Now& now);

// Why there is no lease, with the instant at which the block ends, if it is one.
absl::Status RefusalOf(const core::Refused& refused, const Now& now);

// Requests, checked. Errors: INVALID_ARGUMENT, naming the field.
absl::StatusOr<core::Acquire> ToCommand(const v1::Acquire& acquire, const core::Client& client,
                                        const Now& now);
absl::StatusOr<core::Acquire> ToCommand(const v1::UnaryAcquireRequest& request,
                                        const core::Client& client, const Now& now);
absl::StatusOr<core::Hello> ToCommand(const v1::Hello& hello, const core::Client& client);

// What a session stream says of an event; empty for events that are not for sessions.
std::optional<v1::SessionReply> ToSessionReply(const core::Event& event, const Now& now);
v1::ReleaseReply ToProto(const core::Released& released);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_TRANSLATE_H_
