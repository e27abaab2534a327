#include "daemon/core/pauses.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace zbroker::core {

bool Part::Covers(const Request& request, const Holder& holder) const {
  if (priority && *priority != request.priority) return false;
  if (!session.empty() && session != request.session) return false;
  return program.empty() || program == request.program || program == holder.program;
}

std::string DescribePause(const Part& part) {
  if (part.whole()) return "the account is paused";
  std::vector<std::string> of;
  if (!part.session.empty()) of.push_back(absl::StrCat("session ", part.session));
  if (!part.program.empty()) of.push_back(absl::StrCat("program ", part.program));
  const std::string work = part.priority ? absl::StrCat(Name(*part.priority), " work") : "work";
  return absl::StrCat(work, of.empty() ? "" : " of ", absl::StrJoin(of, ", "), " is paused");
}

bool Pauses::Add(const Pause& pause) {
  if (until_.size() >= kMax && !until_.contains(pause.part)) return false;
  until_[pause.part] = pause.until;
  return true;
}

std::vector<Part> Pauses::Advance(BootTime now) {
  std::vector<Part> over;
  for (const auto& [part, until] : until_) {
    if (until <= now) over.push_back(part);
  }
  for (const Part& part : over) until_.erase(part);
  return over;
}

BootTime Pauses::NextEnd() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const auto& [part, until] : until_) next = std::min(next, until);
  return next;
}

std::optional<Pause> Pauses::Find(const Request& request, const Holder& holder) const {
  std::optional<Pause> longest;
  for (const auto& [part, until] : until_) {
    if (!part.Covers(request, holder)) continue;
    if (!longest || longest->until < until) longest = Pause{part, until};
  }
  return longest;
}

std::optional<Pause> Pauses::Whole() const {
  const auto whole = until_.find(Part());
  return whole == until_.end() ? std::nullopt : std::optional(Pause{whole->first, whole->second});
}

std::vector<Pause> Pauses::All() const {
  std::vector<Pause> all;
  for (const auto& [part, until] : until_) all.push_back({part, until});
  return all;
}

}  // namespace zbroker::core
