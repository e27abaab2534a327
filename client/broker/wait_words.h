// What an Acquire waits for, in words for a person.
#ifndef ZBROKER_CLIENT_BROKER_WAIT_WORDS_H_
#define ZBROKER_CLIENT_BROKER_WAIT_WORDS_H_

#include <string>

#include "absl/status/status.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::broker {

// "waiting for a slot: all 2 are taken; position 3, about 40s"
std::string WaitWords(const v1::Queued& queued);

// The same when the daemon is away for this cause.
std::string AwayWords(const absl::Status& cause);

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_WAIT_WORDS_H_
