#include "shims/gateway/open_calls.h"

#include <utility>

namespace zbroker::gateway {

OpenCalls::Entry::Entry(OpenCalls& calls, CallName name, std::function<bool()> cancel)
    : calls_(calls), at_(calls.calls_.emplace(std::move(name), std::move(cancel))) {}

OpenCalls::Entry::~Entry() { calls_.calls_.erase(at_); }

bool OpenCalls::Cancel(const CallName& name) {
  const auto [begin, end] = calls_.equal_range(name);
  bool unheard = begin != end;
  for (auto call = begin; call != end; ++call) unheard &= call->second();
  return unheard;
}

}  // namespace zbroker::gateway
