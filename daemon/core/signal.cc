// From what the upstream answered, as a release reports it, to what it blocks and whom it refuses.
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/broker.h"
#include "daemon/core/reaction.h"

namespace zbroker::core {
namespace {

absl::Status Refusal(const std::string& account, const Block& block) {
  std::string words = absl::StrCat("account ", account, ": ", Describe(block));
  if (!block.detail.empty()) absl::StrAppend(&words, ": ", block.detail);
  if (!block.upstream_code.empty()) absl::StrAppend(&words, " (", block.upstream_code, ")");
  return absl::ResourceExhaustedError(words);
}

}  // namespace

void Broker::ActOn(const Lease& lease, Outcome outcome, const ReleaseDetails& details, BootTime now,
                   Effects& effects) {
  Account& account = *FindAccount(lease.request.account);
  account.Advance(now, wall_);
  if (SentBack(outcome)) {
    sent_back_.Keep({lease.client.holder.uid, lease.request.ticket}, {lease.queued, lease.attempt},
                    now);
  }
  if (auto block = BlockFor(lease, outcome, details, account.blocks, now)) {
    SetBlock(account, *std::move(block), effects);
  }
  if (outcome == Outcome::kThrottle && details.start_rate) {
    account.pacer.OnStartRateThrottle(lease.granted, now);
  }
  if (outcome == Outcome::kWall && details.until) {
    account.LearnReset(lease, *details.until, details.window_length);
  }
  if (outcome != Outcome::kOk) return;
  const std::vector<Block> all = account.blocks.all();  // removing changes the original
  for (const Block& block : all) {
    if (Forgives(lease, block, account.blocks)) RemoveBlock(account, block, effects);
  }
}

void Broker::SetBlock(Account& account, Block block, Effects& effects) {
  effects.records.push_back(BlockSet{account.name(), block});
  const bool refuses = block.Refuses();
  if (const auto evicted = account.blocks.Add(std::move(block))) {
    effects.records.push_back(BlockRemoved{account.name(), *evicted});
  }
  if (!refuses) return;
  for (const Waiter* waiter : account.InOrder()) {
    RefuseIfBlocked(account, *waiter, effects.events);
  }
}

bool Broker::RefuseIfBlocked(const Account& account, const Waiter& waiter,
                             std::vector<AddressedEvent>& events) {
  if (waiter.hold_until_reset || account.config().shadow) return false;
  const Block* block = account.blocks.MatchRefusal(waiter.request);
  if (block == nullptr) return false;
  Refuse(waiter.order.id, Refusal(account.name(), *block), events, *block);
  return true;
}

void Broker::RemoveBlock(Account& account, const Block& block, Effects& effects) {
  effects.records.push_back(BlockRemoved{account.name(), block});
  account.blocks.Remove(block);
}

void Broker::EndBlocks(Account& account, bool breaker, BootTime now, Effects& effects, Done& done) {
  account.Advance(now, wall_);
  account.pacer.Stop();
  const std::vector<Block> all = account.blocks.all();
  for (const Block& block : all) {
    const bool over = account.blocks.IsOver(block);
    if (!over && !breaker && block.reason == BlockReason::kBreaker) {
      done.standing.push_back(block);
      continue;
    }
    if (!over) done.ended.push_back(block);
    if (!over && block.Refuses()) account.pacer.SlowStart(now, account.limit.value());
    RemoveBlock(account, block, effects);
  }
}

}  // namespace zbroker::core
