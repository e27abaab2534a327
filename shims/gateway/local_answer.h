// What is answered here, because the upstream has no use for it. It costs no slot and waits for
// nobody.
#ifndef ZBROKER_SHIMS_GATEWAY_LOCAL_ANSWER_H_
#define ZBROKER_SHIMS_GATEWAY_LOCAL_ANSWER_H_

#include <optional>
#include <string>

#include "shims/gateway/exchange.h"
#include "shims/gateway/responder.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/request.h"

namespace zbroker::gateway {

struct LocalAnswer {
  Head head;
  std::string body;
};

// Nothing if the request is to be relayed. Answered here:
//
//   - a WebSocket's upgrade, with 426: the upstream has none, and Codex goes on over HTTP at once,
//     where any other answer costs it five tries;
//   - a probe whether anybody is there (HEAD of the base URL or of /api/hello, GET of the latter),
//     with 200: somebody is, and an upstream that is not would be met with the next request;
//   - telemetry, with 200, so that it is not tried again;
//   - a compressed body that is no tool's, with 413.
std::optional<LocalAnswer> AnswerHere(const zai::Endpoint& endpoint,
                                      const zai::Inspection& inspection,
                                      const ClientRequest& request);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_LOCAL_ANSWER_H_
