#include "shims/init/config_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/status.h"
#include "client/config/default_account.h"
#include "client/config/editable.h"
#include "client/config/words.h"

namespace zbroker::init {
namespace {

using config::EditableToml;
using config::TomlPath;

// Names and URLs, which have been checked, have nothing that would have to be escaped.
std::string Quoted(absl::string_view text) { return absl::StrCat("\"", text, "\""); }

// A comment, the key if it is known, and else a line that shows how it would be written.
std::string Entry(absl::string_view comment, absl::string_view key,
                  const std::optional<std::string>& literal, absl::string_view otherwise) {
  return absl::StrCat(comment, literal ? "" : "#", key, " = ", literal ? *literal : otherwise,
                      "\n");
}

std::optional<std::string> QuotedIf(const std::optional<std::string>& text) {
  return text ? std::optional(Quoted(*text)) : std::nullopt;
}

// A name without dots needs no quotes.
std::string KeyOf(const std::string& account) {
  return account.find('.') == account.npos ? account : Quoted(account);
}

// In a file of ours a key that is not set stands in a comment, which the new one takes the place
// of.
std::optional<std::string> InPlaceOfExample(const std::string& text, const TomlPath& path,
                                            const std::string& literal) {
  const size_t line = text.find(absl::StrCat("\n#", path.back(), " = "));
  if (line == text.npos) return std::nullopt;
  const size_t end = std::min(text.find('\n', line + 1), text.size());
  std::string edited = absl::StrCat(text.substr(0, line + 1), path.back(), " = ", literal,
                                    text[end - 1] == '\r' ? "\r" : "", text.substr(end));
  const auto toml = EditableToml::Parse(edited);
  if (!toml.ok() || toml->Literal(path) != literal) return std::nullopt;
  return edited;
}

}  // namespace

absl::StatusOr<Choices> ReadChoices(absl::string_view text, const std::string& account) {
  ZB_ASSIGN_OR_RETURN(const EditableToml toml, EditableToml::Parse(text));
  const std::vector<std::string> accounts = toml.Keys({"account"});
  Choices choices;
  choices.account = account;
  if (account.empty()) {
    choices.account = accounts.empty() ? "default"
                                       : config::DefaultAccount(
                                             accounts, toml.String({"broker", "default_account"}));
  }
  if (choices.account.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("there are several accounts; --account says ",
                                                   "which is meant: ", config::OrList(accounts)));
  }
  const auto path = [&](const char* key) { return TomlPath{"account", choices.account, key}; };
  choices.plan = toml.String(path("plan"));
  choices.generation = toml.String(path("generation"));
  choices.purchased = toml.Literal(path("purchased"));
  choices.upstream = toml.String(path("upstream"));
  choices.meter = toml.Literal({"meter", "gateway"}) == "true";
  return choices;
}

std::string NewConfig(const Choices& choices, const std::string& example) {
  const std::string key = KeyOf(choices.account);
  std::string text = absl::StrCat(
      "# zbroker's configuration, begun by `zctl init`. Every key is optional. After a change:\n"
      "# `zctl reload`; a file with a mistake in it is refused, and the old one stays in force.\n");
  if (!example.empty()) absl::StrAppend(&text, "# All keys and what they mean: ", example, "\n");
  absl::StrAppend(
      &text, "\n[account.", key, "]\n",
      Entry(
          "# \"lite\", \"pro\" or \"max\". It brings quotas, slots and prices, as far as they are "
          "known. The\n# figures are approximate: beyond them one request at a time passes "
          "until the provider refuses.\n",
          "plan", QuotedIf(choices.plan), "\"pro\""),
      Entry("# What the plan counts. \"v1\": bought up to 2026-02-12; \"v2\": up to 2026-07-30; "
            "\"v3\": since then.\n",
            "generation", QuotedIf(choices.generation), "\"v3\""),
      Entry(
          "# When it was bought: weeks and months count from it. By the provider's clocks, UTC+8, "
          "unless it has\n# an offset. Without it they are known only once the provider's meter "
          "has told them.\n",
          "purchased", choices.purchased, "2026-08-20"),
      Entry("# Where requests go when the settings of the tool at hand do not say.\n", "upstream",
            QuotedIf(choices.upstream), "\"https://api.z.ai/api/anthropic\""));
  absl::StrAppend(
      &text,
      "\n# How many requests the account takes at once nobody publishes. It is learned, from what "
      "is served and\n# what is refused, for each hour and model; `zctl limit` shows it. To leave "
      "a "
      "slot to a program that\n# can't be brought here, such as Cursor:\n#[account.",
      key,
      ".slots]\n#reserve_outside = 1\n\n[meter]\n"
      "# Gateways ask the provider's own meter, with the key that passes by; it stays in their "
      "memory.\n",
      "gateway = ", choices.meter ? "true" : "false", "\n");
  return text;
}

absl::StatusOr<std::string> ChangedConfig(absl::string_view before, const Choices& choices) {
  std::string text(before);
  std::vector<std::pair<TomlPath, std::string>> wanted;
  const auto want = [&](const char* key, const std::optional<std::string>& literal) {
    if (literal) wanted.push_back({{"account", choices.account, key}, *literal});
  };
  // A new key goes first in its table, so the last one here comes first there.
  want("upstream", QuotedIf(choices.upstream));
  want("purchased", choices.purchased);
  want("generation", QuotedIf(choices.generation));
  want("plan", QuotedIf(choices.plan));
  if (choices.meter) wanted.push_back({{"meter", "gateway"}, "true"});
  for (const auto& [path, literal] : wanted) {
    ZB_ASSIGN_OR_RETURN(const EditableToml toml, EditableToml::Parse(text));
    const std::optional<std::string> now = toml.Literal(path);
    // One string can be written in several ways.
    const std::optional<std::string> string = toml.String(path);
    if (now == literal || (string && Quoted(*string) == literal)) continue;
    if (auto shown = InPlaceOfExample(text, path, literal)) {
      text = *std::move(shown);
      continue;
    }
    ZB_ASSIGN_OR_RETURN(text, toml.WithLiteral(path, literal));
  }
  return text;
}

}  // namespace zbroker::init
