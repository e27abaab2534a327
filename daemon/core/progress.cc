#include "daemon/core/progress.h"

namespace zbroker::core {

void Progress::Tell(WaiterId waiter, const WaitState& state, BootTime now) {
  if (told_.empty()) Looked(now);
  told_[waiter] = state;
}

bool Progress::IsWorthTelling(WaiterId waiter, const WaitState& state) const {
  const auto found = told_.find(waiter);
  if (found == told_.end()) return false;
  const WaitState& told = found->second;
  if (!told.HasSameReason(state)) return true;
  if (state.position == told.position) return false;
  return state.position <= kExact || state.position * 2 <= told.position;
}

}  // namespace zbroker::core
