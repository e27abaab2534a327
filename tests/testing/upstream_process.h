// The fake upstream, running.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_PROCESS_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_PROCESS_H_

#include <string>
#include <vector>

#include "tests/testing/process.h"

namespace zbroker::testing {

class UpstreamProcess {
 public:
  // Flags of fake_upstream, for example {"--limit", "3", "--service", "500ms"}.
  explicit UpstreamProcess(const std::vector<std::string>& flags);

  // Takes the service time and answers 200 or, over the limit, 429.
  std::string WorkUrl() const { return base_ + "/work"; }
  // A curl command that prints the HTTP status and nothing else.
  std::vector<std::string> CurlCommand() const;

  // A number of /_control/stats, for example "max_in_flight"; -1 if there is none.
  int Stat(const std::string& name) const;

 private:
  Process process_;
  std::string base_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_PROCESS_H_
