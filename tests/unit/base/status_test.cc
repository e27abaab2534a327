#include "client/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using testing::Fails;
using testing::HasCode;

// The shape of grpc::Status, as far as the conversion cares.
enum class RpcCode { kOk = 0, kInvalidArgument = 3, kUnavailable = 14 };
class RpcStatus {
 public:
  RpcStatus() = default;
  RpcStatus(RpcCode code, std::string message) : code_(code), message_(std::move(message)) {}
  RpcCode error_code() const { return code_; }
  std::string error_message() const { return message_; }

 private:
  RpcCode code_ = RpcCode::kOk;
  std::string message_;
};

TEST(ErrnoToStatusTest, MessageSaysWhatFailedAndWhy) {
  EXPECT_THAT(ErrnoToStatus(ENOENT, "can't open x"),
              Fails(absl::StatusCode::kNotFound, "can't open x: No such file or directory"));
}

TEST(ErrnoToStatusTest, CodeFitsTheErrno) {
  using Code = absl::StatusCode;
  for (const auto& [error, code] : {std::pair{EACCES, Code::kPermissionDenied},
                                    {EPERM, Code::kPermissionDenied},
                                    {EROFS, Code::kPermissionDenied},
                                    {ENOSPC, Code::kResourceExhausted},
                                    {EDQUOT, Code::kResourceExhausted},
                                    {EMFILE, Code::kResourceExhausted},
                                    {ENOMEM, Code::kResourceExhausted},
                                    {EINVAL, Code::kInvalidArgument},
                                    {ENAMETOOLONG, Code::kInvalidArgument},
                                    {ECONNREFUSED, Code::kUnavailable},
                                    {EPIPE, Code::kUnavailable},
                                    {ENOTDIR, Code::kFailedPrecondition}}) {
    EXPECT_THAT(ErrnoToStatus(error, "x"), HasCode(code)) << error;
  }
}

TEST(ErrnoToStatusTest, AnErrnoWithoutWordsIsStillAnError) {
  EXPECT_THAT(ErrnoToStatus(9'999, "x"), HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST(AnnotateTest, PutsThePrefixBeforeTheMessage) {
  EXPECT_THAT(Annotate(absl::DataLossError("page 3"), "ledger"),
              Fails(absl::StatusCode::kDataLoss, "ledger: page 3"));
}

TEST(AnnotateTest, OkStaysOk) { EXPECT_OK(Annotate(absl::OkStatus(), "ledger")); }

TEST(RpcStatusTest, CodeAndMessageSurviveBothWays) {
  const auto rpc = ToRpcStatus<RpcStatus>(absl::UnavailableError("busy"));
  EXPECT_EQ(rpc.error_code(), RpcCode::kUnavailable);
  EXPECT_EQ(rpc.error_message(), "busy");
  EXPECT_EQ(FromRpcStatus(rpc), absl::UnavailableError("busy"));
}

TEST(RpcStatusTest, OkIsOkBothWays) {
  EXPECT_EQ(ToRpcStatus<RpcStatus>(absl::OkStatus()).error_code(), RpcCode::kOk);
  EXPECT_OK(FromRpcStatus(RpcStatus()));
}

absl::Status PassOn(const absl::Status& status, bool* went_on) {
  ZB_RETURN_IF_ERROR(status);
  *went_on = true;
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, ReturnsOnlyErrors) {
  bool went_on = false;
  EXPECT_THAT(PassOn(absl::AbortedError("a"), &went_on), HasCode(absl::StatusCode::kAborted));
  EXPECT_FALSE(went_on);
  EXPECT_OK(PassOn(absl::OkStatus(), &went_on));
  EXPECT_TRUE(went_on);
}

absl::StatusOr<int> Unwrap(absl::StatusOr<std::unique_ptr<int>> value) {
  ZB_ASSIGN_OR_RETURN(const std::unique_ptr<int> owned, std::move(value));
  return *owned;
}

TEST(AssignOrReturnTest, MovesTheValueOut) { EXPECT_EQ(*Unwrap(std::make_unique<int>(7)), 7); }

TEST(AssignOrReturnTest, ReturnsTheError) {
  EXPECT_THAT(Unwrap(absl::AbortedError("a")), HasCode(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace zbroker
