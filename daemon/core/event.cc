#include "daemon/core/event.h"

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

std::string TakenSlots(int limit) {
  return limit == 1 ? "the only slot is taken" : absl::StrCat("all ", limit, " slots are taken");
}

}  // namespace

std::string Describe(const WaitState& state) {
  switch (state.reason) {
    case WaitReason::kSlots:
      return TakenSlots(state.slot_limit);
    case WaitReason::kWindow:
      return absl::StrCat("window ", state.window, " has no room");
    case WaitReason::kPaused:
      return state.paused;
    case WaitReason::kOrder:
      return state.window.empty() ? "others go before it"
                                  : absl::StrCat("somebody ahead waits for window ", state.window);
    case WaitReason::kBlocked:
      return state.block;
    case WaitReason::kPool:
      return absl::StrCat(TakenSlots(state.slot_limit), " for models ", state.pool);
    case WaitReason::kSession:
      return absl::StrCat("its session has ", state.slot_limit,
                          state.slot_limit == 1 ? " slot" : " slots",
                          ", the most that one may have");
    case WaitReason::kReserved:
      return "the free slots are reserved for interactive work";
    case WaitReason::kPacing:
      return state.after_block ? "starts are spaced, as what blocked them has only just ended"
                               : "starts are spaced, as the upstream demanded";
    case WaitReason::kPace:
      return absl::StrCat("background work is ahead of the pace of window ", state.window);
    case WaitReason::kOffPeak:
      return absl::StrCat("background work waits for off-peak hours: it would be charged ",
                          state.weight, " × now");
  }
  return "";
}

}  // namespace zbroker::core
