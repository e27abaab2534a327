#include "daemon/core/trees.h"

namespace zbroker::core {

std::string Trees::Find(const std::string& session, const std::string& parent) const {
  const std::string& known_by = parent.empty() ? session : parent;
  const auto found = trees_.find(known_by);
  return found == trees_.end() ? known_by : found->second;
}

void Trees::Remember(const std::string& session, const std::string& parent) {
  std::string tree = Find(session, parent);
  // What it says first stays: so nobody's tree is its own descendant.
  if (parent.empty() || tree == session || !trees_.try_emplace(session, tree).second) return;
  sessions_.push_back(session);
  if (sessions_.size() <= kSessionsMax) return;
  trees_.erase(sessions_.front());
  sessions_.pop_front();
}

void Trees::Leave(const std::string& tree) {
  const auto found = sizes_.find(tree);
  if (found != sizes_.end() && --found->second == 0) sizes_.erase(found);
}

size_t Trees::SizeOf(const std::string& tree) const {
  const auto found = sizes_.find(tree);
  return found == sizes_.end() ? 0 : found->second;
}

}  // namespace zbroker::core
