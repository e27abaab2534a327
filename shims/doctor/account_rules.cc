// How accounts stand with the upstream, as the daemon has it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/zctl/format.h"
#include "client/zctl/words.h"
#include "shims/doctor/rule_parts.h"
#include "shims/meter/plan_check.h"

namespace zbroker::doctor {
namespace {

std::string Colon(absl::string_view words) {
  return words.empty() ? "" : absl::StrCat(": ", words);
}

void FindInBlock(const Facts& facts, const std::string& account, const v1::Block& block,
                 Findings& out) {
  const std::string until = zctl::FormatUntil(zctl::ToTime(block.until()), facts.now, facts.zone);
  const std::string model = block.model().empty() ? "" : absl::StrCat(" for ", block.model());
  switch (block.reason()) {
    case v1::BLOCK_REASON_BREAKER:
      out.push_back(Make(Id::kBreaker, account, {until}));
      break;
    case v1::BLOCK_REASON_PLAN:
      out.push_back(Make(
          Id::kPlanFault, account,
          {block.model().empty() ? "what was asked for" : block.model(), Colon(block.detail())}));
      break;
    case v1::BLOCK_REASON_WALL:
      out.push_back(Make(Id::kWall, account, {absl::StrCat(until, model), Colon(block.detail())}));
      break;
    default:
      break;  // over within seconds
  }
}

void FindInPause(const std::string& account, const v1::Pause& pause, Findings& out) {
  const v1::Part& part = pause.part();
  std::vector<std::string> words;
  std::string flags;
  const auto add = [&](absl::string_view what, absl::string_view value) {
    if (value.empty()) return;
    words.push_back(absl::StrCat(what, " ", value));
    absl::StrAppend(&flags, " --", what, " ", ShellWord(value));
  };
  if (part.priority() != v1::PRIORITY_UNSPECIFIED) {
    add("priority", zctl::Word(part.priority()));
  }
  add("session", part.session());
  add("program", part.program());
  const std::string what =
      words.empty() ? "it" : absl::StrCat("its work of ", absl::StrJoin(words, ", "));
  out.push_back(Make(Id::kPaused, account,
                     {what, absl::StrCat("zctl resume --account ", ShellWord(account), flags)}));
}

const AccountSettings* SettingsOf(const Facts& facts, const std::string& account) {
  const auto found = std::ranges::find(facts.config.accounts, account, &AccountSettings::name);
  return found == facts.config.accounts.end() ? nullptr : &*found;
}

int FloorOf(const Facts& facts, const std::string& account) {
  const AccountSettings* const settings = SettingsOf(facts, account);
  return settings == nullptr ? 1 : settings->floor;
}

// Windows without room of which no wall speaks already.
void FindInWindows(const Facts& facts, const v1::AccountStatus& account, Findings& out) {
  const bool has_wall = std::ranges::any_of(account.blocks(), [](const v1::Block& block) {
    return block.reason() == v1::BLOCK_REASON_WALL && block.model().empty();
  });
  if (has_wall) return;
  for (const v1::WindowStatus& window : account.windows()) {
    const bool is_full = window.exhausted() && window.enforce() == "hard";
    if (!window.meter().used_up() && !is_full) continue;
    const std::string until =
        window.has_reset() ? absl::StrCat(" until ", zctl::FormatUntil(zctl::ToTime(window.reset()),
                                                                       facts.now, facts.zone))
                           : "";
    out.push_back(Make(Id::kWindowUsedUp, account.name(),
                       {window.name(), until,
                        window.meter().used_up() ? "says the provider's meter"
                                                 : "by what was leased: `enforce = \"hard\"`"}));
  }
}

void FindInPlan(const Facts& facts, const v1::AccountStatus& account, Findings& out) {
  const AccountSettings* const settings = SettingsOf(facts, account.name());
  const auto trouble = meter::CheckPlan(
      {.plan = settings == nullptr ? "" : settings->plan, .file = facts.config.file}, "", account);
  if (!trouble) return;
  out.push_back(Make(Id::kPlanDiffers, account.name(),
                     {trouble->configured, trouble->metered, trouble->fix}));
}

void FindInLimits(const Facts& facts, const v1::AccountStatus& account, Findings& out) {
  const v1::SlotsStatus& slots = account.slots();
  const auto floor = static_cast<uint32_t>(FloorOf(facts, account.name()));
  for (const v1::LearnedLimit& one : slots.learned_limits()) {
    const bool counts = one.in_force() && slots.source() == "learned";
    if (!counts || one.limit() > floor || slots.configured() <= floor) continue;
    out.push_back(
        Make(Id::kLimitAtFloor, account.name(),
             {absl::StrCat(one.limit()), absl::StrCat(slots.configured()), one.reason()}));
  }
  for (const v1::LearnedLimit& one : slots.model_limits()) {
    if (!one.in_force() || one.pinned() || one.limit() > 1) continue;
    out.push_back(Make(Id::kModelLimitAtFloor, account.name(), {one.model(), one.reason()}));
  }
}

}  // namespace

void FindInAccounts(const Facts& facts, Findings& out) {
  for (const v1::AccountStatus& account : facts.daemon.status.accounts()) {
    for (const v1::Block& block : account.blocks()) {
      FindInBlock(facts, account.name(), block, out);
    }
    for (const v1::Pause& pause : account.pauses()) FindInPause(account.name(), pause, out);
    FindInPlan(facts, account, out);
    FindInWindows(facts, account, out);
    FindInLimits(facts, account, out);
    if (account.shadow().on()) out.push_back(Make(Id::kShadow, account.name()));
    if (!account.meter().trouble().empty()) {
      out.push_back(Make(Id::kMeterTrouble, account.name(), {account.meter().trouble()}));
    }
  }
}

}  // namespace zbroker::doctor
