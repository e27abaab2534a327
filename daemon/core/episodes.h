// Which episodes have been told and not ended yet: of a wall, a breaker, trouble with the ledger.
// So each is told once, when it begins, and once when it has ended, also by another daemon: the
// ledger keeps those that are open. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_EPISODES_H_
#define ZBROKER_DAEMON_CORE_EPISODES_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "client/base/clock.h"
#include "daemon/core/happening.h"
#include "daemon/core/record.h"

namespace zbroker::core {

class Episodes {
 public:
  // One that a former daemon has told.
  void Recall(const Happening& begun);

  bool IsOpen(HappeningKind kind, const std::string& account, const std::string& subject) const {
    return open_.contains({account, kind, subject});
  }
  // Whether any of the account and the kind is.
  bool AnyOf(HappeningKind kind, const std::string& account) const;

  // These, of one kind and account, are all that is so now: tells which have begun and which have
  // ended since the last call, and says of the latter `ended`.
  void Tell(HappeningKind kind, const std::string& account, const std::vector<Happening>& now_so,
            BootTime now, const std::string& ended, std::vector<Record>& records);

  // Ends the episodes of accounts that are none of these.
  void KeepOnly(const std::set<std::string>& accounts, BootTime now, std::vector<Record>& records);

 private:
  using Key = std::tuple<std::string, HappeningKind, std::string>;

  static Happening End(const Happening& begun, BootTime now, const std::string& detail);

  std::map<Key, Happening> open_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_EPISODES_H_
