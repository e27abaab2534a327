// Why there is no lease, as a status.
#ifndef ZBROKER_CLIENT_BROKER_REFUSAL_H_
#define ZBROKER_CLIENT_BROKER_REFUSAL_H_

#include <optional>

#include "absl/status/status.h"
#include "zbroker/v1/broker.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::broker {

// Code and message of the refusal, and its Block, if it has one, for BlockOf().
absl::Status ToStatus(const v1::Refused& refused);

// The wall or breaker because of which an Acquire was refused: of the status that a BrokerClient
// gives, whose code is then RESOURCE_EXHAUSTED. Empty when it was refused for another reason.
std::optional<v1::Block> BlockOf(const absl::Status& status);

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_REFUSAL_H_
