// Whom a throttle is about: the account's limit or the model's. The upstream does not say.
//
// Both are known to have been high enough when as many were last demonstrably served, of the
// account and of the model. So one of them has moved since. A limit moves at any instant alike, and
// is the likelier to have moved the longer ago that was; and it is the likelier to have moved to
// below a level the higher that level is: a limit is at least one. The product of the two is how
// suspect a limit is. What was never served at such a level is as suspect as what was an hour ago.
//
// In a tie the model is blamed, if others are in use, and so is a model that was never served at
// such a level, unless the request was one beyond the account's limit: that costs the others
// nothing. If it was the wrong one, another model meets the next throttle, at a level at which the
// account has served nothing since the first. Then the account is to blame for both, and the model
// gets back what it had: a wrong guess costs one throttle. But of two models that were never served
// so, while a third is, that is not said: they may both be beyond what they may have. The other way
// round it heals too: an account that was blamed wrongly climbs by trials of other models, and when
// the model is refused again, the account has just been shown to serve as many.
#ifndef ZBROKER_DAEMON_CORE_BLAME_H_
#define ZBROKER_DAEMON_CORE_BLAME_H_

#include <optional>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/words.h"

namespace zbroker::core {

enum class Blamed { kAccount, kModel };

// What is known of one of the two when a request is refused.
struct Suspect {
  int in_flight = 0;    // right after its grant, itself included
  BootTime served;      // when at least so many were last demonstrably served
  bool beyond = false;  // it is a trial, beyond what the limit was thought to be
};

// What is as long ago as this, and what never was, counts the same.
inline constexpr absl::Duration kMemory = absl::Hours(1);

// `others`: requests of other models are in use as well.
Blamed Blame(const Suspect& account, const Suspect& model, bool others, BootTime now);

// Who has to cool down after a throttle.
struct CoolDown {
  std::optional<Scope> scope = Scope::kAccount;  // empty: nobody
  // Nothing else was being served: so the limit could not be lowered instead, or not enough.
  bool alone = true;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_BLAME_H_
