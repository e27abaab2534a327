#include "daemon/core/blocks.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

std::string WhatOf(const Block& block) {
  switch (block.scope) {
    case Scope::kAccount:
      return "the account";
    case Scope::kModel:
      return block.model.empty() ? "requests of unknown model"
                                 : absl::StrCat("model ", block.model);
    case Scope::kKind:
      return absl::StrCat("leases of kind ", Name(block.kind));
  }
  return "";
}

bool EndsBefore(const Block& a, const Block& b) {
  return std::tie(a.until, a.reason) < std::tie(b.until, b.reason);
}

}  // namespace

bool Block::Matches(const Request& request) const {
  switch (scope) {
    case Scope::kAccount:
      return true;
    case Scope::kModel:
      return model == request.model;
    case Scope::kKind:
      return kind == request.kind;
  }
  return false;
}

bool Block::SameName(const Block& other) const {
  return reason == other.reason && scope == other.scope &&
         (scope != Scope::kModel || model == other.model) &&
         (scope != Scope::kKind || kind == other.kind);
}

std::string Describe(const Block& block) {
  switch (block.reason) {
    case BlockReason::kOverload:
      return absl::StrCat("the upstream is too busy for ", WhatOf(block));
    case BlockReason::kCoolDown:
      return block.scope == Scope::kAccount
                 ? "cooling down after a throttle"
                 : absl::StrCat("cooling down after a throttle of ", WhatOf(block));
    case BlockReason::kWall:
      return absl::StrCat("the upstream says that the quota of ", WhatOf(block), " is used up");
    case BlockReason::kBreaker:
      return "the upstream demands silence of the account";
    case BlockReason::kPlan:
      return block.scope == Scope::kModel ? absl::StrCat("the plan lacks ", WhatOf(block))
                                          : "the plan does not serve the account any more";
  }
  return "";
}

bool Blocks::Advance(BootTime now) {
  const bool ended = std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return block.Refuses() && !IsOver(block) && block.until <= now;
  });
  now_ = now;
  return ended;
}

void Blocks::Clear(BootTime now) {
  blocks_.clear();
  now_ = now;
}

std::optional<Block> Blocks::Add(Block block) {
  Remove(block);
  std::optional<Block> evicted;
  const auto of_a_model = [](const Block& one) { return one.scope == Scope::kModel; };
  if (of_a_model(block) &&
      std::count_if(blocks_.begin(), blocks_.end(), of_a_model) >= ptrdiff_t{kModelsMax}) {
    evicted =
        *std::min_element(blocks_.begin(), blocks_.end(), [&](const Block& a, const Block& b) {
          return of_a_model(a) != of_a_model(b) ? of_a_model(a) : EndsBefore(a, b);
        });
    Remove(*evicted);
  }
  blocks_.push_back(std::move(block));
  return evicted;
}

void Blocks::Remove(const Block& name) {
  const auto found = std::find_if(blocks_.begin(), blocks_.end(),
                                  [&](const Block& one) { return one.SameName(name); });
  if (found != blocks_.end()) blocks_.erase(found);
}

const Block* Blocks::Find(const Block& name) const {
  const auto found = std::find_if(blocks_.begin(), blocks_.end(),
                                  [&](const Block& one) { return one.SameName(name); });
  return found == blocks_.end() ? nullptr : &*found;
}

const Block* Blocks::Match(const Request& request) const {
  const Block* last = nullptr;
  for (const Block& block : blocks_) {
    if (IsOver(block) || !block.Matches(request)) continue;
    if (last == nullptr || EndsBefore(*last, block)) last = &block;
  }
  return last;
}

const Block* Blocks::MatchRefusal(const Request& request) const {
  const Block* last = nullptr;
  for (const Block& block : blocks_) {
    if (IsOver(block) || !block.Refuses() || !block.Matches(request)) continue;
    if (last == nullptr || EndsBefore(*last, block)) last = &block;
  }
  return last;
}

bool Blocks::StopsKind(Kind kind) const {
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return !IsOver(block) &&
           (block.scope == Scope::kAccount || (block.scope == Scope::kKind && block.kind == kind));
  });
}

BootTime Blocks::NextEnd() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const Block& block : blocks_) {
    if (!IsOver(block)) next = std::min(next, block.until);
  }
  return next;
}

BootTime Blocks::NextEndOfRefusal() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const Block& block : blocks_) {
    if (!IsOver(block) && block.Refuses()) next = std::min(next, block.until);
  }
  return next;
}

std::vector<Block> Blocks::Standing() const {
  std::vector<Block> standing;
  std::copy_if(blocks_.begin(), blocks_.end(), std::back_inserter(standing),
               [this](const Block& block) { return !IsOver(block); });
  std::sort(standing.begin(), standing.end(), [](const Block& a, const Block& b) {
    return std::tie(b.reason, a.scope, a.model, a.kind) <
           std::tie(a.reason, b.scope, b.model, b.kind);
  });
  return standing;
}

}  // namespace zbroker::core
