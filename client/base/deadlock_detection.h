// What Abseil's mutexes, which gRPC is made of, watch for.
#ifndef ZBROKER_CLIENT_BASE_DEADLOCK_DETECTION_H_
#define ZBROKER_CLIENT_BASE_DEADLOCK_DETECTION_H_

namespace zbroker {

// Debian builds Abseil with the detection of deadlocks that is meant for debugging, for which each
// lock enters a graph that the whole process shares, under one more lock. For programs, not for a
// library: it holds for all of the process.
void SwitchOffDeadlockDetection();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_DEADLOCK_DETECTION_H_
