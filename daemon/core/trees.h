// Sessions with those that they have started, as agents start others; and how much each of these
// trees asks for at once.
#ifndef ZBROKER_DAEMON_CORE_TREES_H_
#define ZBROKER_DAEMON_CORE_TREES_H_

#include <cstddef>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace zbroker::core {

// A tree has the name of its first session. Not thread-safe.
class Trees {
 public:
  // Sessions that were started by others, and are remembered; the oldest are forgotten first, and
  // are trees of their own then.
  static constexpr size_t kSessionsMax = 4096;

  // The tree of a session that says which session has started it, or doesn't: empty.
  std::string Find(const std::string& session, const std::string& parent) const;
  // The session says that, and it is to be remembered.
  void Remember(const std::string& session, const std::string& parent);

  // One more, and one less, of the tree holds or waits.
  void Enter(const std::string& tree) { ++sizes_[tree]; }
  void Leave(const std::string& tree);
  size_t SizeOf(const std::string& tree) const;

 private:
  absl::flat_hash_map<std::string, std::string> trees_;  // of sessions that were started by others
  std::deque<std::string> sessions_;                     // of these, the oldest first
  absl::flat_hash_map<std::string, size_t> sizes_;       // none zero
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_TREES_H_
