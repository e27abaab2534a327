#include "daemon/config/settings.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/base/status.h"
#include "client/config/describe.h"
#include "client/config/given.h"
#include "daemon/config/load.h"

namespace zbroker::config {
namespace {

std::string AsToml(bool value) { return value ? "true" : "false"; }
std::string AsToml(int value) { return absl::StrCat(value); }
std::string AsToml(absl::string_view text) { return TomlString(text); }
std::string AsToml(const std::string& text) { return TomlString(text); }

std::string AsToml(double value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  return std::string(digits, end.ptr);
}

std::string AsToml(absl::Duration length) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(length);
  if (milliseconds % 1000 != 0) return absl::StrCat("\"", milliseconds, "ms\"");
  return absl::StrCat("\"", DescribeBound(length), "\"");
}

std::string AsToml(const std::vector<std::string>& texts) {
  return absl::StrCat("[",
                      absl::StrJoin(texts, ", ",
                                    [](std::string* out, const std::string& text) {
                                      absl::StrAppend(out, TomlString(text));
                                    }),
                      "]");
}

std::string DaysText(const std::array<bool, 7>& days) {
  static constexpr const char* kNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::vector<std::string> names;
  for (size_t i = 0; i < days.size();) {
    if (!days[i]) {
      ++i;
      continue;
    }
    size_t last = i;
    while (last + 1 < days.size() && days[last + 1]) ++last;
    names.push_back(last > i ? absl::StrCat(kNames[i], "-", kNames[last]) : kNames[i]);
    i = last + 1;
  }
  return names.size() == 1 ? TomlString(names[0]) : AsToml(names);
}

std::string HoursText(const core::WeekHours& when) {
  return absl::StrFormat("\"%02d:%02d-%02d:%02d\"", when.from_minute / 60, when.from_minute % 60,
                         when.to_minute / 60, when.to_minute % 60);
}

// As the key `tz` takes it.
std::string ZoneText(const absl::TimeZone& zone) {
  if (zone.name().rfind("Fixed/", 0) != 0) return TomlString(zone.name());
  const int minutes = zone.At(absl::UnixEpoch()).offset / 60;
  const int size = std::abs(minutes);
  const char sign = minutes < 0 ? '-' : '+';
  if (size % 60 == 0) return absl::StrFormat("\"UTC%c%d\"", sign, size / 60);
  return absl::StrFormat("\"UTC%c%02d:%02d\"", sign, size / 60, size % 60);
}

std::string AmountText(core::Amount amount) { return AsToml(amount.ToDouble()); }

// Says of each key of a configuration what it is, and of each of a file's where.
class SettingLister {
 public:
  explicit SettingLister(const std::vector<GivenKey>& given) {
    for (const GivenKey& one : given) given_.emplace(one.path, one);
  }

  std::vector<Setting> List(const core::BrokerConfig& config) {
    ListBroker(config);
    for (size_t i = 0; i < config.hooks.size(); ++i) {
      ListHook(absl::StrCat("hook[", i, "]"), config.hooks[i], config.long_wait);
    }
    AddGiven("meter.every", "\"5m\"");
    AddGiven("meter.gateway", "false");
    AddGiven("meter.key_env", "");
    AddGiven("meter.key_file", "");
    for (const core::AccountConfig& account : config.accounts) ListAccount(account);
    return std::move(settings_);
  }

 private:
  const GivenKey* FindGiven(const std::string& path) const {
    const auto found = given_.find(path);
    return found == given_.end() ? nullptr : &found->second;
  }

  void Put(std::string key, std::string value, Origin otherwise, const std::string& path) {
    Setting setting{std::move(key), std::move(value), otherwise};
    if (const GivenKey* given = FindGiven(path)) {
      setting.origin = Origin::kFile;
      setting.line = given->line;
    }
    settings_.push_back(std::move(setting));
  }

  // `otherwise`: where it comes from unless the file has it.
  template <typename Value>
  void Add(const std::string& key, const Value& value, Origin otherwise = Origin::kDefault) {
    Put(key, AsToml(value), otherwise, key);
  }

  // What others than the broker read: as the file has it, else as they do without; empty: they
  // have none.
  void AddGiven(const std::string& key, const std::string& otherwise) {
    const GivenKey* given = FindGiven(key);
    if (given == nullptr && otherwise.empty()) return;
    Put(key, given == nullptr ? otherwise : given->value, Origin::kDefault, key);
  }

  void ListBroker(const core::BrokerConfig& config) {
    Add("broker.default_account", config.default_account);
    Add("broker.queue_max", static_cast<int>(config.queue_max));
    Add("broker.age_after", config.age_after);
    Add("broker.reclaim_grace", config.reclaim_grace);
    Add("broker.unclean_hold", config.unclean_hold);
    Add("broker.retention", config.retention);
    AddGiven("broker.projects", "true");
    AddGiven("broker.shadow", "false");
  }

  void ListHook(const std::string& path, const core::HookConfig& hook, absl::Duration long_wait) {
    std::vector<std::string> on;
    for (const core::HappeningKind kind : hook.on) on.emplace_back(core::Name(kind));
    Add(path + ".on", on);
    if (!hook.run.empty()) Add(path + ".run", hook.run);
    if (!hook.url.empty()) Add(path + ".url", hook.url);
    Add(path + ".timeout", hook.timeout);
    if (std::ranges::find(hook.on, core::HappeningKind::kWaiting) != hook.on.end()) {
      Add(path + ".after", long_wait);
    }
  }

  void ListAccount(const core::AccountConfig& account) {
    const std::string path = Dotted("account", account.name);
    for (const char* key : {"plan", "generation", "purchased"}) {
      AddGiven(absl::StrCat(path, ".", key), "");
    }
    of_lists_ = FindGiven(path + ".plan") == nullptr ? Origin::kDefault : Origin::kPlan;
    AddGiven(path + ".upstream", "\"https://api.z.ai/api/anthropic\"");
    Add(path + ".mcp_credits", account.mcp_credits, OfPlan(account.mcp_credits != 0));
    const bool broker_says = FindGiven(path + ".shadow") == nullptr;
    Put(path + ".shadow", AsToml(account.shadow), Origin::kDefault,
        broker_says ? "broker.shadow" : path + ".shadow");
    ListSlots(path + ".slots", account.slots);
    ListHours(path + ".peak", account.peak, Origin::kDefault);
    for (const core::WindowConfig& window : account.windows) ListWindow(path, window);
    ListRules(path, account);
    Add(path + ".background.off_peak", account.off_peak);
    AddGiven(path + ".mcp.tools", "");
    Add(path + ".mcp.slots", account.mcp_slots);
  }

  Origin OfPlan(bool differs) const { return differs ? of_lists_ : Origin::kDefault; }

  void ListSlots(const std::string& path, const core::SlotsConfig& slots) {
    const core::SlotsConfig usual;
    Add(path + ".limit", slots.limit, OfPlan(slots.limit != usual.limit));
    Add(path + ".learn", slots.learn, OfPlan(slots.learn != usual.learn));
    Add(path + ".min", slots.min, OfPlan(slots.min != usual.min));
    Add(path + ".max", slots.max, OfPlan(slots.max != usual.max));
    Add(path + ".reserve_interactive", slots.reserve_interactive);
    Add(path + ".reserve_outside", slots.reserve_outside);
    Add(path + ".per_session", slots.per_session);
    Add(path + ".per_tree", slots.per_tree);
  }

  void ListHours(const std::string& path, const core::WeekHours& when, Origin otherwise) {
    Put(path + ".days", DaysText(when.days), otherwise, path + ".days");
    Put(path + ".hours", HoursText(when), otherwise, path + ".hours");
    Put(path + ".tz", ZoneText(when.zone), otherwise, path + ".tz");
  }

  // How many tables of that name the file has.
  size_t CountGiven(const std::string& path) const {
    size_t count = 0;
    for (;; ++count) {
      const std::string begin = absl::StrCat(path, "[", count, "].");
      const auto next = given_.lower_bound(begin);
      if (next == given_.end() || next->first.rfind(begin, 0) != 0) return count;
    }
  }

  // Where the file has the window.
  std::string FindWindow(const std::string& account, const std::string& name) const {
    for (size_t i = 0;; ++i) {
      const std::string path = absl::StrCat(account, ".window[", i, "]");
      const GivenKey* given = FindGiven(path + ".name");
      if (given == nullptr) return "";
      if (given->value == TomlString(name)) return path;
    }
  }

  void ListWindow(const std::string& account, const core::WindowConfig& window) {
    const std::string shown = absl::StrCat(account, ".window[", window.name, "].");
    const std::string path = FindWindow(account, window.name);
    const auto add = [&](const char* key, const std::string& value) {
      Put(shown + key, value, path.empty() ? of_lists_ : Origin::kDefault,
          absl::StrCat(path, ".", key));
    };
    add("name", AsToml(window.name));
    add("unit", AsToml(core::Name(window.unit)));
    add("length", window.months > 0
                      ? AsToml(absl::StrCat(window.months, " month", window.months == 1 ? "" : "s"))
                      : AsToml(window.length));
    add("limit", AmountText(window.limit));
    add("kind", AsToml(core::Name(window.kind)));
    add("enforce", AsToml(core::Name(window.enforce)));
    add("pace", AsToml(window.pace));
    if (window.kind == core::WindowKind::kAnchored) {
      if (window.anchor) {
        add("anchor", absl::FormatCivilTime(*window.anchor));
      }
      add("tz", ZoneText(window.zone));
    }
    if (!window.models.empty()) add("models", AsToml(window.models));
  }

  // `each` gets the path of one rule, the rule, and where what it does not say comes from.
  template <typename Rules, typename Each>
  void ListEach(const std::string& path, const Rules& rules, Each each) {
    const size_t of_file = CountGiven(path);
    for (size_t i = 0; i < rules.size(); ++i) {
      each(absl::StrCat(path, "[", i, "]"), rules[i], i < of_file ? Origin::kDefault : of_lists_);
    }
  }

  void ListRules(const std::string& account, const core::AccountConfig& config) {
    ListEach(account + ".pool", config.pools, [&](const auto& path, const auto& pool, Origin from) {
      Add(path + ".models", pool.models, from);
      Add(path + ".limit", pool.limit, from);
      Add(path + ".learn", pool.learn, from);
    });
    ListEach(account + ".weight", config.weights,
             [&](const auto& path, const auto& weight, Origin from) {
               Add(path + ".models", weight.models, from);
               Add(path + ".weight", weight.weight, from);
               ListHours(path, weight.when, from);
             });
    ListEach(account + ".rate", config.rates, [&](const auto& path, const auto& rate, Origin from) {
      Add(path + ".models", rate.models, from);
      Add(path + ".input", rate.input, from);
      Add(path + ".cached", rate.cached, from);
      Add(path + ".output", rate.output, from);
    });
    ListEach(account + ".schedule", config.schedules,
             [&](const auto& path, const auto& schedule, Origin from) {
               Add(path + ".limit", schedule.limit, from);
               ListHours(path, schedule.when, from);
             });
    ListEach(account + ".priority", config.priority_rules,
             [&](const auto& path, const auto& rule, Origin from) {
               if (!rule.models.empty()) Add(path + ".models", rule.models, from);
               if (!rule.programs.empty()) Add(path + ".programs", rule.programs, from);
               if (rule.background) Add(path + ".background", *rule.background, from);
               Add(path + ".priority", core::Name(rule.priority), from);
             });
  }

  std::map<std::string, GivenKey> given_;
  Origin of_lists_ = Origin::kDefault;  // what of the account is in no file
  std::vector<Setting> settings_;
};

}  // namespace

absl::StatusOr<Loaded> ParseWithSettings(absl::string_view text, const std::string& file_name) {
  Loaded loaded;
  ZB_ASSIGN_OR_RETURN(loaded.config, ParseConfig(text, file_name));
  ZB_ASSIGN_OR_RETURN(const Document document, Document::Parse(text, file_name));
  loaded.settings = SettingLister(KeysGiven(document)).List(loaded.config);
  return loaded;
}

absl::StatusOr<Loaded> LoadWithSettings(const std::string& path) {
  if (path.empty()) return ParseWithSettings("", "");
  ZB_ASSIGN_OR_RETURN(const std::string text, ReadConfigFile(path));
  return ParseWithSettings(text, path);
}

}  // namespace zbroker::config
