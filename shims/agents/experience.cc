#include "shims/agents/experience.h"

#include "client/base/proto_time.h"

namespace zbroker::agents {
namespace {

// "One prompt refers to one query, estimated to invoke the model 15–20 times".
constexpr double kUsualCalls = 17;
constexpr uint32_t kPromptsMin = 5;
constexpr uint32_t kRequestsMin = 10;

}  // namespace

void Experience::Add(const v1::LedgerRow& row) {
  if (row.outcome() != v1::OUTCOME_OK || !row.has_closed()) return;
  if (row.kind() != v1::KIND_PROMPT && row.kind() != v1::KIND_CALL) return;
  ++(row.kind() == v1::KIND_PROMPT ? prompts_ : calls_);
  held_ += FromProtoTime(row.closed()) - FromProtoTime(row.granted());
}

double Experience::calls_per_prompt() const {
  return prompts_ < kPromptsMin ? kUsualCalls : static_cast<double>(calls_) / prompts_;
}

std::optional<absl::Duration> Experience::held() const {
  const uint32_t requests = prompts_ + calls_;
  if (requests < kRequestsMin) return std::nullopt;
  return held_ / requests;
}

}  // namespace zbroker::agents
