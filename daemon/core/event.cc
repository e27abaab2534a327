#include "daemon/core/event.h"

#include "absl/strings/str_cat.h"

namespace zbroker::core {

std::string Describe(const WaitState& state) {
  switch (state.reason) {
    case WaitReason::kSlots:
      return state.slot_limit == 1 ? "the only slot is taken"
                                   : absl::StrCat("all ", state.slot_limit, " slots are taken");
    case WaitReason::kWindow:
      return absl::StrCat("window ", state.window, " has no room");
    case WaitReason::kPaused:
      return "the account is paused";
    case WaitReason::kOrder:
      return absl::StrCat("somebody ahead waits for window ", state.window);
    case WaitReason::kBlocked:
      return state.block;
  }
  return "";
}

}  // namespace zbroker::core
