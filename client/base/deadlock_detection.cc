#include "client/base/deadlock_detection.h"

#include "absl/synchronization/mutex.h"

namespace zbroker {

void SwitchOffDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace zbroker
