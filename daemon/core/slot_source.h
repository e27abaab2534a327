// Where the number of an account's slots comes from, and what that place is told in return.
#ifndef ZBROKER_DAEMON_CORE_SLOT_SOURCE_H_
#define ZBROKER_DAEMON_CORE_SLOT_SOURCE_H_

#include <string>

#include "client/base/clock.h"
#include "daemon/core/learned_limit.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

// What has become of one lease, as far as it says something of the limit. Only leases whose clients
// report what the upstream answers are evidence, and only they count as in flight: of the others
// nobody knows whether they send anything at all.
struct Evidence {
  enum class What : uint8_t {
    kTrialBegan,  // it was granted beyond the number of slots
    kServed,      // the upstream served it
    kThrottled,   // the upstream refused it as one too many
    kEnded,       // it has ended otherwise, or may have: nothing is shown
  };

  What what = What::kEnded;
  LeaseId lease = 0;
  BootTime granted;
  int in_flight = 0;  // right after its grant; 0: it is no evidence, but for having ended
  std::string upstream_code;
};

// Pure and deterministic: time is an argument, and must not run backwards. Not thread-safe.
class SlotSource {
 public:
  virtual ~SlotSource() = default;

  // The slots that may be taken, as of the last Advance.
  virtual int value() const = 0;
  // Whether one lease may be granted beyond them, to find out whether there is one more. It must be
  // one that is evidence, and so must be all that hold the slots.
  virtual bool MayTry() const = 0;

  virtual void Advance(BootTime now) = 0;
  // When either of the two changes if nothing else happens first; later than the last Advance.
  virtual BootTime NextChange() const = 0;

  // What it teaches; nothing, unless it is a throttle.
  virtual Lesson Hear(const Evidence& evidence, BootTime now) = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_SLOT_SOURCE_H_
