#include "shims/agents/obstacles.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "client/zctl/block_view.h"
#include "client/zctl/words.h"
#include "shims/agents/words.h"

namespace zbroker::agents {
namespace {

constexpr char kCoolDown[] = "cool_down";
constexpr char kOverload[] = "overload";

// The words of agent.proto.
std::string WhatOf(v1::BlockReason reason) {
  switch (reason) {
    case v1::BLOCK_REASON_COOL_DOWN:
      return kCoolDown;
    case v1::BLOCK_REASON_OVERLOAD:
      return kOverload;
    default:
      return zctl::Word(reason);
  }
}

// What stands, for a sentence that goes on with "until".
std::string Subject(const v1::Obstacle& obstacle) {
  const std::string& what = obstacle.what();
  if (what == "wall") return "a quota of the account is used up";
  if (what == "breaker") return "the provider demands silence; trying now would prolong it";
  if (what == "plan") return "the provider says that the plan does not allow it";
  if (what == "paused") return "the user has paused the account";
  if (what == kCoolDown) return "the provider said \"too many at once\", and zbroker pauses";
  if (what == kOverload) return "the provider is overloaded";
  if (what == "ledger") return "zbroker can't record leases, so it grants none";
  if (what == "retired") return "the account is not configured any more";
  return absl::StrCat("the account is blocked (", what, ")");
}

}  // namespace

std::vector<v1::Obstacle> ObstaclesOf(const v1::AccountStatus& account) {
  std::vector<v1::Obstacle> all;
  if (account.has_blocked()) {
    v1::Obstacle& obstacle = all.emplace_back();
    obstacle.set_what(EscapeControls(account.blocked().reason()));
    obstacle.set_detail(EscapeControls(account.blocked().detail()));
    if (account.blocked().has_until()) *obstacle.mutable_until() = account.blocked().until();
  }
  for (const v1::Block& block : account.blocks()) {
    // Agents' requests are prompts and calls.
    if (block.kind() == v1::KIND_MCP) continue;
    const std::string what = WhatOf(block.reason());
    const bool whole = block.model().empty() && block.reason() != v1::BLOCK_REASON_OVERLOAD;
    if (whole && block.kind() == v1::KIND_UNSPECIFIED && what == account.blocked().reason()) {
      continue;
    }
    v1::Obstacle& obstacle = all.emplace_back();
    obstacle.set_what(what);
    obstacle.set_model(EscapeControls(block.model()));
    obstacle.set_detail(zctl::BlockWords(block));
    if (block.has_until()) *obstacle.mutable_until() = block.until();
  }
  return all;
}

bool IsBrief(const v1::Obstacle& obstacle) {
  return obstacle.what() == kCoolDown || obstacle.what() == kOverload;
}

bool Stops(const v1::Obstacle& obstacle, const std::string& model) {
  // An overload is always of one model, known or not.
  if (obstacle.what() == kOverload) return obstacle.model() == model;
  return obstacle.model().empty() || obstacle.model() == model;
}

std::string Describe(const v1::Obstacle& obstacle, absl::Time now, absl::TimeZone zone) {
  std::string text;
  if (!obstacle.model().empty()) absl::StrAppend(&text, "for ", obstacle.model(), ", ");
  absl::StrAppend(&text, Subject(obstacle));
  if (obstacle.has_until()) {
    absl::StrAppend(&text, ", until ", When(FromProtoTime(obstacle.until()), now, zone));
  }
  if (!obstacle.detail().empty()) absl::StrAppend(&text, " (", obstacle.detail(), ")");
  return text;
}

}  // namespace zbroker::agents
