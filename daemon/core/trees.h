// Sessions with those that they have started, as agents start others; and how much each of these
// trees asks for at once.
#ifndef ZBROKER_DAEMON_CORE_TREES_H_
#define ZBROKER_DAEMON_CORE_TREES_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace zbroker::core {

// A tree has the name of its first session, and is one user's: nobody takes another's room by
// naming a session of his. Not thread-safe.
class Trees {
 public:
  // A session, or the tree that it began.
  struct Key {
    uint32_t uid = 0;
    std::string name;

    auto operator<=>(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.uid, key.name);
    }
  };

  // Sessions that were started by others, and are remembered; the oldest are forgotten first, and
  // are trees of their own then.
  static constexpr size_t kSessionsMax = 4096;

  // The tree of a session that says which session has started it, or doesn't: empty.
  std::string Find(const Key& session, const std::string& parent) const;
  // The session says that, and it is to be remembered.
  void Remember(const Key& session, const std::string& parent);

  // One more, and one less, of the tree holds or waits.
  void Enter(const Key& tree) { ++sizes_[tree]; }
  void Leave(const Key& tree);
  size_t SizeOf(const Key& tree) const;

 private:
  absl::flat_hash_map<Key, std::string> trees_;  // of sessions that were started by others
  std::deque<Key> sessions_;                     // of these, the oldest first
  absl::flat_hash_map<Key, size_t> sizes_;       // none zero
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_TREES_H_
