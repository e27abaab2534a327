#include "shims/gateway/memory.h"

#include <algorithm>

namespace zbroker::gateway {

void FailedPrompts::Add(uint64_t fingerprint, LoopTime now) {
  if (prompts_.size() == kMax) prompts_.pop_front();
  prompts_.push_back({fingerprint, now + kTime});
}

bool FailedPrompts::Take(uint64_t fingerprint, LoopTime now) {
  while (!prompts_.empty() && prompts_.front().until <= now) prompts_.pop_front();
  const auto found = std::find_if(prompts_.begin(), prompts_.end(), [&](const Prompt& prompt) {
    return prompt.fingerprint == fingerprint;
  });
  if (found == prompts_.end()) return false;
  prompts_.erase(found);
  return true;
}

bool Notices::First(const std::string& what) {
  if (told_.size() == kMax) told_.clear();
  return told_.insert(what).second;
}

}  // namespace zbroker::gateway
