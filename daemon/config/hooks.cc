#include "daemon/config/hooks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/url.h"

namespace zbroker::config {
namespace {

constexpr size_t kHooksMax = 16;
constexpr size_t kRunBytesMax = 4096;

using Kinds = std::vector<core::HappeningKind>;

std::optional<Kinds> ParseKinds(const std::vector<std::string>& names) {
  Kinds kinds;
  for (const std::string& name : names) {
    const auto kind = core::ParseHappeningKind(name);
    if (!kind) return std::nullopt;
    kinds.push_back(*kind);
  }
  if (kinds.empty()) return std::nullopt;
  return kinds;
}

std::string KindNames() {
  std::vector<absl::string_view> names;
  for (size_t i = 0; i < core::kHappeningKinds; ++i) {
    names.push_back(core::Name(static_cast<core::HappeningKind>(i)));
  }
  return absl::StrCat("a list of some of ", absl::StrJoin(names, ", "));
}

std::optional<std::string> ParseRun(absl::string_view text) {
  const bool fits =
      !text.empty() && text.size() <= kRunBytesMax && text.find('\0') == absl::string_view::npos;
  return fits ? std::optional(std::string(text)) : std::nullopt;
}

// What is told may be of interest to somebody else: in the clear it goes nowhere but here.
bool IsSafe(const Url& url) {
  if (absl::StartsWith(url.origin, "https://")) return true;
  absl::string_view host = url.origin;
  host.remove_prefix(std::string("http://").size());
  if (absl::StartsWith(host, "[::1]")) return true;
  host = host.substr(0, host.find(':'));
  if (host == "localhost") return true;
  return absl::StartsWith(host, "127.") &&
         std::ranges::all_of(host, [](char c) { return absl::ascii_isdigit(c) || c == '.'; });
}

core::HookConfig ReadHook(TableReader& reader, std::optional<absl::Duration>& long_wait) {
  core::HookConfig hook;
  const std::string kinds = KindNames();
  hook.on =
      reader.ParsedList<Kinds>("on", kinds, ParseKinds, Presence::kRequired).value_or(Kinds());
  hook.run = reader.Parsed<std::string>("run", "a command for the shell", ParseRun).value_or("");
  if (const auto url = reader.Url("url")) {
    hook.url = url->text();
    if (!IsSafe(*url)) reader.RejectKey("url", "expected https, or http to this machine");
  }
  hook.timeout =
      reader.Duration("timeout", absl::Seconds(1), absl::Minutes(10)).value_or(hook.timeout);
  if (reader.ok() && hook.run.empty() == hook.url.empty()) {
    reader.Reject("expected one of the keys run and url");
  }
  const auto after = reader.Duration("after", absl::Seconds(1), absl::Hours(24));
  if (!after) return hook;
  if (std::ranges::find(hook.on, core::HappeningKind::kWaiting) == hook.on.end()) {
    reader.RejectKey("after", "only a hook on \"waiting\" has it");
  } else if (long_wait && *long_wait != *after) {
    reader.RejectKey("after", "expected the same as in the hook before: a wait becomes long once");
  }
  long_wait = after;
  return hook;
}

}  // namespace

void ReadHooks(TableReader& root, core::BrokerConfig& config) {
  std::optional<absl::Duration> long_wait;
  for (TableReader& reader : root.Tables("hook")) {
    if (config.hooks.size() == kHooksMax) {
      reader.Reject(absl::StrCat("one hook too many; expected at most ", kHooksMax));
    }
    config.hooks.push_back(ReadHook(reader, long_wait));
    reader.RejectOtherKeys();
  }
  config.long_wait = long_wait.value_or(config.long_wait);
}

}  // namespace zbroker::config
