// How many requests the upstream was demonstrably serving at once, and when that was last so.
//
// A request that was served shows that the upstream, when it arrived, took it beside those that
// were in flight then; so each shows something of its own level and of all lower ones, as of its
// grant. Kept are only those that say more than any later one: a staircase, higher levels longer
// ago. It errs on one side: of those in flight some may have left before the request arrived, so
// the last step may be one too high. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_SERVED_LEVELS_H_
#define ZBROKER_DAEMON_CORE_SERVED_LEVELS_H_

#include <vector>

#include "client/base/clock.h"

namespace zbroker::core {

class ServedLevels {
 public:
  // A request granted then, with so many in flight, was served.
  void Note(int in_flight, BootTime granted);
  // So many were refused: that as many or more were served before says nothing any more.
  void Refused(int in_flight);
  // When at least so many were last shown to be served; InfinitePast if never.
  BootTime LastAt(int in_flight) const;
  // When the last of all was.
  BootTime Last() const { return LastAt(0); }

 private:
  struct Step {
    int in_flight = 0;
    BootTime granted;
  };
  std::vector<Step> steps_;  // falling levels, rising instants; as many as there are slots at most
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_SERVED_LEVELS_H_
