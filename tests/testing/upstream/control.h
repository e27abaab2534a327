// The side door of tests: what they may ask and set under /_control/. Pure.
//
//   GET  /_control/stats[?records=0]  counters, requests in service, and the last records
//   GET  /_control/requests[?n=N]     the last requests as they came
//   GET  /_control/config             the settings
//   POST /_control/config             changes the settings named in a JSON object, all or none
//   POST /_control/reset              forgets counters, records and requests; settings stay
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_CONTROL_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_CONTROL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/testing/upstream/request_log.h"
#include "tests/testing/upstream/service_model.h"

namespace zbroker::testing {

struct ControlReply {
  int status = 200;
  std::string body;  // a JSON object; of an error: {"error":"…"}
};

ControlReply HandleControl(absl::string_view method, absl::string_view target,
                           absl::string_view body, ServiceModel& model, RequestLog& log);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_CONTROL_H_
