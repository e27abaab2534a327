#include "daemon/core/trees.h"

namespace zbroker::core {

std::string Trees::Find(const Key& session, const std::string& parent) const {
  const Key known_by = parent.empty() ? session : Key{session.uid, parent};
  const auto found = trees_.find(known_by);
  return found == trees_.end() ? known_by.name : found->second;
}

void Trees::Remember(const Key& session, const std::string& parent) {
  std::string tree = Find(session, parent);
  // What it says first stays: so nobody's tree is its own descendant.
  if (parent.empty() || tree == session.name || !trees_.try_emplace(session, tree).second) return;
  sessions_.push_back(session);
  if (sessions_.size() <= kSessionsMax) return;
  trees_.erase(sessions_.front());
  sessions_.pop_front();
}

void Trees::Leave(const Key& tree) {
  const auto found = sizes_.find(tree);
  if (found != sizes_.end() && --found->second == 0) sizes_.erase(found);
}

size_t Trees::SizeOf(const Key& tree) const {
  const auto found = sizes_.find(tree);
  return found == sizes_.end() ? 0 : found->second;
}

}  // namespace zbroker::core
