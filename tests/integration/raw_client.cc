#include "tests/integration/raw_client.h"

#include <grpcpp/create_channel_posix.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <memory>
#include <thread>
#include <vector>

#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker::testing {

Fd ConnectSocket(const std::string& path, uid_t uid) {
  absl::StatusOr<Fd> fd = absl::UnknownError("");
  // The kernel keeps who connects as the peer. Users belong to threads, only the C library spreads
  // them over the process, so a thread can be somebody else, and ends before it matters to anyone.
  std::thread([&] {
    if (uid != geteuid()) syscall(SYS_setresuid, -1, uid, -1);
    fd = ConnectUnix(path);
  }).join();
  EXPECT_TRUE(fd.ok()) << fd.status() << ", as user " << uid;
  return fd.ok() ? *std::move(fd) : Fd();
}

namespace {

std::shared_ptr<grpc::Channel> ChannelOf(Fd socket) {
  // gRPC ends the program over a descriptor that is none; so there each call fails instead.
  if (!socket.valid()) {
    return grpc::CreateChannel("unix:///dev/null", grpc::InsecureChannelCredentials());
  }
  return grpc::CreateInsecureChannelFromFd("zbroker", socket.Release());
}

}  // namespace

RawClient::RawClient(const std::string& socket_path, uid_t uid)
    : channel_(ChannelOf(ConnectSocket(socket_path, uid))),
      broker_(channel_),
      ledger_(channel_),
      admin_(channel_) {}

absl::StatusOr<std::string> RawClient::CallBytes(const std::string& method,
                                                 const std::string& request) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(request);
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return ToAbsl(status);
  std::vector<grpc::Slice> slices;
  reply.Dump(&slices).ok();
  std::string bytes;
  for (const grpc::Slice& one : slices) bytes.append(one.begin(), one.end());
  return bytes;
}

absl::StatusOr<v1::RenewReply> RawClient::Renew(uint64_t lease_id) {
  v1::RenewRequest request;
  request.set_lease_id(lease_id);
  return Call(&v1::Broker::Stub::Renew, broker_, request);
}

absl::StatusOr<v1::ReleaseReply> RawClient::Release(uint64_t lease_id) {
  v1::ReleaseRequest request;
  request.set_lease_id(lease_id);
  return Call(&v1::Broker::Stub::Release, broker_, request);
}

absl::Status RawClient::Revoke(uint64_t lease_id) {
  v1::RevokeLeaseRequest request;
  request.set_lease_id(lease_id);
  return Call(&v1::Admin::Stub::RevokeLease, admin_, request).status();
}

v1::Status RawClient::Status() {
  const auto status = Call(&v1::Ledger::Stub::GetStatus, ledger_, v1::GetStatusRequest());
  EXPECT_TRUE(status.ok()) << status.status();
  return status.ok() ? *status : v1::Status();
}

absl::Status RawClient::ToAbsl(const grpc::Status& status) { return FromRpcStatus(status); }

v1::Acquire Ask(const std::string& ticket) {
  v1::Acquire acquire;
  acquire.set_ticket(ticket);
  acquire.set_kind(v1::KIND_CALL);
  return acquire;
}

RawSession::RawSession(RawClient& client, const v1::Hello& hello) : RawSession(Silent(client)) {
  v1::SessionRequest request;
  *request.mutable_hello() = hello;
  Send(request);
  const v1::SessionReply reply = Next();
  EXPECT_TRUE(reply.has_welcome()) << reply.ShortDebugString();
}

RawSession RawSession::Silent(RawClient& client) {
  RawSession session;
  session.context_ = std::make_unique<grpc::ClientContext>();
  session.context_->set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
  session.stream_ = client.broker().Session(session.context_.get());
  return session;
}

RawSession::~RawSession() {
  if (stream_ == nullptr) return;
  context_->TryCancel();
  End().IgnoreError();
}

bool RawSession::Send(const v1::SessionRequest& request) { return stream_->Write(request); }

void RawSession::Acquire(const v1::Acquire& acquire) {
  v1::SessionRequest request;
  *request.mutable_acquire() = acquire;
  Send(request);
}

void RawSession::Release(uint64_t lease_id, v1::Outcome outcome) {
  v1::SessionRequest request;
  request.mutable_release()->set_lease_id(lease_id);
  request.mutable_release()->set_outcome(outcome);
  Send(request);
}

v1::SessionReply RawSession::Next() {
  v1::SessionReply reply;
  if (!stream_->Read(&reply)) reply.Clear();
  return reply;
}

v1::SessionReply RawSession::NextAnswer() {
  v1::SessionReply reply = Next();
  while (reply.has_queued()) reply = Next();
  return reply;
}

uint64_t RawSession::Lease(const v1::Acquire& acquire) {
  Acquire(acquire);
  const v1::SessionReply reply = NextAnswer();
  EXPECT_EQ(reply.granted().ticket(), acquire.ticket()) << reply.ShortDebugString();
  return reply.granted().lease_id();
}

absl::Status RawSession::Refusal(const v1::Acquire& acquire) {
  Acquire(acquire);
  const v1::SessionReply reply = NextAnswer();
  EXPECT_TRUE(reply.has_refused()) << reply.ShortDebugString();
  return absl::Status(static_cast<absl::StatusCode>(reply.refused().code()),
                      reply.refused().message());
}

absl::Status RawSession::End() {
  v1::SessionReply ignored;
  while (stream_->Read(&ignored)) {
  }
  const grpc::Status status = stream_->Finish();
  stream_.reset();
  return RawClient::ToAbsl(status);
}

}  // namespace zbroker::testing
