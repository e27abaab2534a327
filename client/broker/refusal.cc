#include "client/broker/refusal.h"

#include <string>

#include "absl/strings/cord.h"

namespace zbroker::broker {
namespace {

constexpr char kBlock[] = "type.googleapis.com/zbroker.v1.Block";

}  // namespace

absl::Status ToStatus(const v1::Refused& refused) {
  absl::Status status(static_cast<absl::StatusCode>(refused.code()), refused.message());
  if (refused.has_block()) {
    status.SetPayload(kBlock, absl::Cord(refused.block().SerializeAsString()));
  }
  return status;
}

std::optional<v1::Block> BlockOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kBlock);
  v1::Block block;
  if (!payload || !block.ParseFromString(std::string(*payload))) return std::nullopt;
  return block;
}

}  // namespace zbroker::broker
