// What administrators have paused: an account, or parts of its work.
#ifndef ZBROKER_DAEMON_CORE_PAUSES_H_
#define ZBROKER_DAEMON_CORE_PAUSES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// The work that agrees in all that is named. Nothing named: all work of the account.
struct Part {
  std::optional<Priority> priority;
  std::string session;
  std::string program;  // that asks, or on whose behalf

  bool whole() const { return !priority && session.empty() && program.empty(); }
  bool Covers(const Request& request, const Holder& holder) const;
  auto operator<=>(const Part&) const = default;
};

// "background work of program claude is paused".
std::string DescribePause(const Part& part);

struct Pause {
  Part part;
  BootTime until = BootTime::InfiniteFuture();  // the first instant at which it is over
};

// The pauses of one account. Not thread-safe.
class Pauses {
 public:
  static constexpr size_t kMax = 64;

  // Pauses the part, until another instant if it is paused already. False: too many are.
  bool Add(const Pause& pause);
  // Returns whether it was paused.
  bool Remove(const Part& part) { return until_.erase(part) > 0; }
  // Ends those that are over, and returns them.
  std::vector<Part> Advance(BootTime now);
  BootTime NextEnd() const;

  // What pauses the work longest; nullopt: nothing does.
  std::optional<Pause> Find(const Request& request, const Holder& holder) const;
  // The pause of the whole account, if there is one.
  std::optional<Pause> Whole() const;
  std::vector<Pause> All() const;

 private:
  std::map<Part, BootTime> until_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PAUSES_H_
