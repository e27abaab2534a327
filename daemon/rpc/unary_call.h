// A unary call whose answer is an event of the engine.
#ifndef ZBROKER_DAEMON_RPC_UNARY_CALL_H_
#define ZBROKER_DAEMON_RPC_UNARY_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "daemon/engine/engine.h"

namespace zbroker::rpc {

// Looks at an event; returns how the call ends, or nothing when the answer is yet to come.
using AnswerFunction = std::function<std::optional<absl::Status>(const core::Event&)>;
// Makes the command for a client whose stream is filled in.
using CommandFunction = std::function<absl::StatusOr<core::Command>(const core::Client&)>;

// Opens a stream at the engine, posts the command, and ends the call by the answer; by UNAVAILABLE
// when the daemon goes down; or when the client cancels, which closes the stream. Returns the
// reactor, which deletes itself.
grpc::ServerUnaryReactor* StartUnaryCall(engine::Engine& engine,
                                         absl::StatusOr<core::Client> client,
                                         const CommandFunction& command, AnswerFunction answer);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_UNARY_CALL_H_
