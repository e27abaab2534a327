#include "shims/init/questions.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "client/config/words.h"
#include "shims/init/purchase.h"
#include "shims/setup/list.h"
#include "shims/zai/plan.h"

namespace zbroker::init {
namespace {

using Text = std::optional<std::string>;

constexpr int kTriesMax = 5;
constexpr absl::string_view kNone = "none";

std::vector<std::string> With(std::vector<std::string> words, std::vector<std::string> more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

absl::StatusOr<std::string> ReadWord(absl::string_view what, absl::string_view text,
                                     const std::vector<std::string>& words) {
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (std::ranges::find(words, word) != words.end()) return word;
  const auto nearest = config::NearestWord(word, words);
  return absl::InvalidArgumentError(
      absl::StrCat("there is no ", what, " \"", EscapeControls(text), "\"; ",
                   nearest ? absl::StrCat("did you mean ", *nearest, "?")
                           : absl::StrCat("expected ", config::OrList(words))));
}

// A site's base URL, or the one that is typed.
absl::StatusOr<std::string> ReadUpstream(absl::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (absl::StrContains(trimmed, "://")) {
    ZB_ASSIGN_OR_RETURN(const Url url, ParseUrl("upstream", trimmed));
    return url.text();
  }
  std::vector<std::string> names;
  for (const zai::Site& site : zai::Sites()) {
    if (trimmed == site.host) return site.url;
    names.push_back(site.name);
  }
  ZB_ASSIGN_OR_RETURN(const std::string name, ReadWord("site", text, names));
  return std::ranges::find(zai::Sites(), name, &zai::Site::name)->url;
}

absl::StatusOr<bool> ReadYes(absl::string_view text) {
  ZB_ASSIGN_OR_RETURN(const std::string word, ReadWord("answer", text, {"y", "yes", "n", "no"}));
  return word[0] == 'y';
}

absl::StatusOr<std::vector<std::string>> ReadTools(absl::string_view text,
                                                   const std::vector<std::string>& found) {
  std::vector<std::string> chosen;
  for (const absl::string_view part :
       absl::StrSplit(text, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    // By the name of its program, too.
    const tools::Tool* const tool = setup::FindToSetUp(absl::AsciiStrToLower(part));
    const std::string named = tool == nullptr ? std::string(part) : setup::SetUpName(*tool);
    ZB_ASSIGN_OR_RETURN(const std::string word,
                        ReadWord("tool here", named, With(found, {"all", std::string(kNone)})));
    if (word == kNone) return std::vector<std::string>();
    if (word == "all") return found;
    if (std::ranges::find(chosen, word) == chosen.end()) chosen.push_back(word);
  }
  return chosen;
}

// Asks until the answer is of use. An empty one is `otherwise`, if there is one.
template <typename T>
absl::StatusOr<T> AskFor(const AskLine& ask, const std::string& question,
                         const std::optional<T>& otherwise,
                         const std::function<absl::StatusOr<T>(absl::string_view)>& read) {
  std::string before;
  for (int i = 0; i < kTriesMax; ++i) {
    const Text answer = ask(absl::StrCat(before, question));
    if (!answer) return absl::CancelledError("the answers have ended; nothing is written");
    if (otherwise && absl::StripAsciiWhitespace(*answer).empty()) return *otherwise;
    absl::StatusOr<T> value = read(*answer);
    if (value.ok()) return value;
    before = absl::StrCat("  ", value.status().message(), "\n");
  }
  return absl::CancelledError(
      absl::StrCat("that was the last try: ", absl::StripAsciiWhitespace(before),
                   "; nothing is written. `zctl init --help` has the flags that answer instead"));
}

class Chooser {
 public:
  Chooser(const CommandLine& line, const Facts& facts, const AskLine& ask)
      : line_(line), facts_(facts), ask_(line.may_ask() ? ask : nullptr), choices_(facts.now) {}

  absl::StatusOr<Choices> Choose() {
    ZB_RETURN_IF_ERROR(ChoosePlan());
    if (choices_.plan) {
      ZB_RETURN_IF_ERROR(ChoosePurchase());
      ZB_RETURN_IF_ERROR(ChooseGeneration());
    } else if (line_.purchased || line_.generation) {
      return absl::InvalidArgumentError(
          "--purchased and --generation say nothing without a plan: --plan");
    }
    ZB_RETURN_IF_ERROR(ChooseUpstream());
    ZB_RETURN_IF_ERROR(ChooseMeter());
    ZB_RETURN_IF_ERROR(ChooseTools());
    return choices_;
  }

 private:
  absl::Status ChoosePlan() {
    const auto read = [](absl::string_view text) -> absl::StatusOr<std::string> {
      return ReadWord("plan", text, With(zai::Plans(), {std::string(kNone)}));
    };
    std::string plan = choices_.plan.value_or("");
    if (line_.plan) {
      ZB_ASSIGN_OR_RETURN(plan, read(*line_.plan));
    } else if (ask_ != nullptr) {
      ZB_ASSIGN_OR_RETURN(
          plan,
          AskFor<std::string>(ask_,
                              absl::StrCat("Which plan: lite, pro, max, or none of them?",
                                           plan.empty() ? " " : absl::StrCat(" [", plan, "] ")),
                              plan.empty() ? Text() : Text(plan), read));
    } else if (plan.empty()) {
      return absl::InvalidArgumentError(
          "nobody is asked here, so --plan lite, pro, max or none has to say which plan it is, "
          "and --purchased DATE when it was bought");
    }
    // What the file says of a plan is for people to take out.
    if (plan != kNone) choices_.plan = plan;
    return absl::OkStatus();
  }

  absl::Status ChoosePurchase() {
    const auto read = [this](absl::string_view text) -> absl::StatusOr<Purchase> {
      return ParsePurchase(text, facts_.time, facts_.zone);
    };
    std::optional<Purchase> purchase;
    if (line_.purchased) {
      ZB_ASSIGN_OR_RETURN(purchase, read(*line_.purchased));
    } else if (ask_ != nullptr) {
      ZB_ASSIGN_OR_RETURN(
          const Purchase answer,
          AskFor<Purchase>(
              ask_,
              absl::StrCat(
                  "When was it bought: 2026-08-20, or by the clock here 2026-08-20 14:05? [",
                  choices_.purchased ? EscapeControls(*choices_.purchased) : "not known", "] "),
              Purchase(), read));
      if (!answer.literal.empty()) purchase = answer;
    }
    if (purchase) {
      choices_.purchased = purchase->literal;
    } else if (choices_.purchased && !choices_.generation) {
      const auto written = ParsePurchase(*choices_.purchased, facts_.time, SiteZone());
      if (written.ok()) purchase = *written;
    }
    if (purchase) by_date_ = std::string(zai::GenerationOf(purchase->at_site));
    return absl::OkStatus();
  }

  absl::Status ChooseGeneration() {
    const auto read = [](absl::string_view text) -> absl::StatusOr<std::string> {
      return ReadWord("generation", text, zai::Generations());
    };
    if (line_.generation) {
      ZB_ASSIGN_OR_RETURN(choices_.generation, read(*line_.generation));
    } else if (by_date_) {
      choices_.generation = by_date_;
    } else if (ask_ != nullptr && !choices_.purchased) {
      const std::string now = choices_.generation.value_or(zai::Generations().back());
      ZB_ASSIGN_OR_RETURN(
          choices_.generation,
          AskFor<std::string>(ask_,
                              absl::StrCat("Bought up to 2026-02-12 (v1), up to 2026-07-30 (v2) or "
                                           "since then (v3)? [",
                                           EscapeControls(now), "] "),
                              now, read));
    } else if (!choices_.generation) {
      choices_.generation = zai::Generations().back();
    }
    if (by_date_ && by_date_ != choices_.generation) {
      choices_.remarks.push_back(absl::StrCat("a plan bought then is ", *by_date_, " by its date; ",
                                              *choices_.generation, " is written, as you say"));
    }
    return absl::OkStatus();
  }

  absl::Status ChooseUpstream() {
    if (line_.upstream) {
      ZB_ASSIGN_OR_RETURN(choices_.upstream, ReadUpstream(*line_.upstream));
      return absl::OkStatus();
    }
    Text proposed = choices_.upstream;
    if (!proposed && !facts_.upstream_of_tools.empty()) proposed = facts_.upstream_of_tools;
    if (ask_ != nullptr) {
      ZB_ASSIGN_OR_RETURN(
          choices_.upstream,
          AskFor<std::string>(
              ask_,
              absl::StrCat(
                  "Where is the account: zai (api.z.ai), bigmodel (open.bigmodel.cn), or a "
                  "URL? [",
                  EscapeControls(proposed.value_or(zai::Sites()[0].name)), "] "),
              proposed.value_or(zai::Sites()[0].url), ReadUpstream));
    } else if (proposed) {
      choices_.upstream = proposed;
    } else {
      choices_.remarks.push_back(
          "no upstream is written, as neither --upstream nor a tool's settings say where the "
          "account is; `zlease TOOL` needs it unless the tool's own settings have it");
    }
    return absl::OkStatus();
  }

  absl::Status ChooseMeter() {
    if (line_.meter || choices_.meter) {
      choices_.meter = true;
    } else if (ask_ != nullptr) {
      ZB_ASSIGN_OR_RETURN(
          choices_.meter,
          AskFor<bool>(ask_,
                       "May gateways ask the provider's own meter what is used, with the key that "
                       "passes by\n(it stays in their memory)? [y/N] ",
                       false, ReadYes));
    }
    return absl::OkStatus();
  }

  absl::Status ChooseTools() {
    const auto read = [this](absl::string_view text) { return ReadTools(text, facts_.tools); };
    if (line_.tools) {
      ZB_ASSIGN_OR_RETURN(choices_.tools, read(*line_.tools));
    } else if (ask_ != nullptr && facts_.gateway_runs && !facts_.tools.empty()) {
      ZB_ASSIGN_OR_RETURN(
          choices_.tools,
          AskFor<std::vector<std::string>>(
              ask_,
              absl::StrCat("Found here: ",
                           absl::StrJoin(facts_.tools, ", ",
                                         [](std::string* out, const std::string& name) {
                                           absl::StrAppend(out, setup::ShownName(name));
                                         }),
                           ".\nPoint which of them at the gateway for good (names, all, none)? "
                           "[none] "),
              std::vector<std::string>(), read));
    }
    return absl::OkStatus();
  }

  const CommandLine& line_;
  const Facts& facts_;
  const AskLine ask_;
  Choices choices_;
  Text by_date_;  // the generation
};

}  // namespace

absl::StatusOr<Choices> Choose(const CommandLine& line, const Facts& facts, const AskLine& ask) {
  return Chooser(line, facts, ask).Choose();
}

}  // namespace zbroker::init
