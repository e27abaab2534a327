// Whom the tools ask.
#ifndef ZBROKER_SHIMS_AGENTS_OFFICE_H_
#define ZBROKER_SHIMS_AGENTS_OFFICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "shims/agents/experience.h"
#include "zbroker/v1/explain.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

// The broker, as far as an agent may look at it. Calls block, for a few seconds at most.
class Office {
 public:
  virtual ~Office() = default;

  // Errors: those of broker::ControlClient. An account at least otherwise.
  virtual absl::StatusOr<v1::Status> GetStatus(const std::string& account,
                                               const std::string& model) = 0;
  // The same for who looks again and again: one that runs is asked, and none is started.
  virtual absl::StatusOr<v1::Status> LookAgain(const std::string& account) = 0;
  // `what`: as in v1::ExplainRequest.
  virtual absl::StatusOr<v1::Explanation> Explain(const std::string& account,
                                                  const std::string& what) = 0;
  // Of the account's work; without any where it can't be told.
  virtual Experience Recall(const std::string& account) = 0;
};

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_OFFICE_H_
