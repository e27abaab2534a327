#include "daemon/core/upstream_state.h"

#include "absl/strings/str_cat.h"
#include "daemon/core/reaction.h"

namespace zbroker::core {

bool UpstreamState::Advance(BootTime now) { return blocks_.Advance(now); }

bool UpstreamState::Hear(const Lease& lease, Outcome outcome, const ReleaseDetails& details,
                         const CoolDown& cool_down, BootTime now, std::vector<Record>& records) {
  bool refuses = false;
  if (auto block = BlockFor(lease, outcome, details, cool_down, blocks_, now)) {
    refuses = block->Refuses();
    Set(*std::move(block), records);
  }
  if (outcome != Outcome::kOk) return refuses;
  const std::vector<Block> all = blocks_.all();  // removing changes the original
  for (const Block& block : all) {
    if (Forgives(lease, block, blocks_)) Remove(block, records);
  }
  return refuses;
}

void UpstreamState::Set(Block block, std::vector<Record>& records) {
  records.push_back(BlockSet{account_, block});
  if (const auto evicted = blocks_.Add(std::move(block))) {
    records.push_back(BlockRemoved{account_, *evicted});
  }
}

void UpstreamState::Remove(const Block& block, std::vector<Record>& records) {
  records.push_back(BlockRemoved{account_, block});
  blocks_.Remove(block);
}

bool UpstreamState::EndAll(bool breaker, Done& done, std::vector<Record>& records) {
  bool refused = false;
  const std::vector<Block> all = blocks_.all();
  for (const Block& block : all) {
    const bool over = blocks_.IsOver(block);
    if (!over && !breaker && block.reason == BlockReason::kBreaker) {
      done.standing.push_back(block);
      continue;
    }
    if (!over) {
      done.ended.push_back(block);
      refused = refused || block.Refuses();
    }
    Remove(block, records);
  }
  return refused;
}

bool UpstreamState::LiftWalls(const std::vector<MeterRow>& rows, BootTime asked, Done& done,
                              std::vector<Record>& records) {
  const std::vector<Block> standing = Standing();
  for (const Block& block : standing) {
    if (block.since >= asked || !ShowRoom(rows, block)) continue;
    done.ended.push_back(block);
    Remove(block, records);
  }
  return !done.ended.empty();
}

absl::Status UpstreamState::Refusal(const Block& block) const {
  std::string words = absl::StrCat("account ", account_, ": ", Describe(block));
  if (!block.detail.empty()) absl::StrAppend(&words, ": ", block.detail);
  if (!block.upstream_code.empty()) absl::StrAppend(&words, " (", block.upstream_code, ")");
  return absl::ResourceExhaustedError(words);
}

}  // namespace zbroker::core
