#include "daemon/rpc/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <climits>
#include <string>
#include <utility>

#include "client/base/sparse_log.h"

namespace zbroker::rpc {
namespace {

constexpr int kMessageBytesMax = 64 << 10;
constexpr int kCallsPerConnectionMax = 256;
// For clients to read that the daemon goes down and to end their streams.
constexpr std::chrono::milliseconds kFarewell{500};

// The library's own lines, such as of strings that are not UTF-8: any client can make it write
// them.
void LogOfProtobuf(google::protobuf::LogLevel level, const char*, int, const std::string& text) {
  if (level >= google::protobuf::LOGLEVEL_WARNING) LogWarningSparsely("protobuf: ", text);
}

}  // namespace

Server::Server(Options& options, engine::Engine& engine, const DaemonFacts& facts,
               const Clock& clock)
    : broker_(engine, peers_, options.ledger_path, clock),
      ledger_(engine, peers_, facts, options.ledger_path),
      admin_(engine, peers_, clock, facts, std::move(options.reload),
             std::move(options.check_reload)),
      explain_(engine, peers_, options.ledger_path),
      events_(engine, peers_, options.ledger_path, std::move(options.hooks)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options, engine::Engine& engine,
                                                      const DaemonFacts& facts,
                                                      const Clock& clock) {
  auto server = std::unique_ptr<Server>(new Server(options, engine, facts, clock));
  google::protobuf::SetLogHandler(LogOfProtobuf);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.RegisterService(&server->broker_);
  builder.RegisterService(&server->ledger_);
  builder.RegisterService(&server->admin_);
  builder.RegisterService(&server->explain_);
  builder.RegisterService(&server->events_);
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsPerConnectionMax);
  // A ping that goes unanswered ends the connection, and a client stopped with Ctrl-Z answers none.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, INT_MAX);
  // See MakeChannel in client/broker/connect.cc.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) return absl::InternalError("gRPC does not start");
  server->listener_ =
      std::make_unique<Listener>(std::move(options.socket), *server->server_, server->peers_);
  return server;
}

Server::~Server() {
  StopAccepting();
  server_->Shutdown(std::chrono::system_clock::now() + kFarewell);
}

}  // namespace zbroker::rpc
