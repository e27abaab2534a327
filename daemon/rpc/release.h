// A release as it comes over the wire.
#ifndef ZBROKER_DAEMON_RPC_RELEASE_H_
#define ZBROKER_DAEMON_RPC_RELEASE_H_

#include <string>

#include "client/base/clock.h"
#include "daemon/core/command.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::rpc {

struct CheckedRelease {
  core::Release command;
  std::string left_out;  // what was malformed, for the log; empty: nothing
};

// A release is never refused for what it says: a refusal would leave the slot with a client that is
// done with it. What is malformed is left out, and a lease whose outcome is not one that a client
// may state ends as failed.
CheckedRelease CheckRelease(const v1::ReleaseRequest& release, const core::Client& client,
                            const Now& now);

// The command of it; logs what was left out.
core::Release TakeRelease(const v1::ReleaseRequest& release, const core::Client& client,
                          const Now& now);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_RELEASE_H_
