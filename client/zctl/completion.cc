#include "client/zctl/completion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/zctl/help_text.h"

namespace zbroker::zctl {
namespace {

constexpr size_t kWordsMax = 200;
constexpr size_t kCandidatesMax = 1000;

const HelpOption* FindOption(const HelpText& help, const std::string& name) {
  for (const HelpOption& one : help.options) {
    if (std::ranges::find(one.names, name) != one.names.end()) return &one;
  }
  return nullptr;
}

// The live things that a value can be: by what the help calls it, and by the option's name where
// that is any NAME.
std::vector<LiveThing> LiveThingsOf(const std::string& option, const std::string& value) {
  std::vector<LiveThing> things;
  for (const absl::string_view part : absl::StrSplit(value, '|')) {
    if (part == "LEASE") things.push_back(LiveThing::kLeases);
    if (part == "TOOL") things.push_back(LiveThing::kTools);
  }
  if (option == "--account") things.push_back(LiveThing::kAccounts);
  if (option == "--session") things.push_back(LiveThing::kSessions);
  if (option == "--model") things.push_back(LiveThing::kModels);
  if (option == "--program") things.push_back(LiveThing::kPrograms);
  return things;
}

bool IsFile(const std::string& option, const std::string& value) {
  return value == "FILE" || value == "DIR" || option == "--config" || option == "--state-dir" ||
         option == "--socket";
}

// Walks along the words of a command line up to the one at the cursor.
class Walk {
 public:
  Walk(const std::vector<std::string>& words, CompletionSource& source)
      : words_(words), source_(source) {}

  Completion Run() {
    path_ = {words_[0]};
    Enter();
    for (at_ = 1; at_ + 1 < words_.size(); ++at_) {
      if (Pass(words_[at_])) return Foreign(at_);
    }
    return At(words_.back());
  }

 private:
  void Enter() {
    help_ = ParseHelpText(source_.Help(path_), absl::StrJoin(path_, " "));
    arguments_ = 0;
  }

  // Goes over one word. True: from here on it is the command line of another program.
  bool Pass(const std::string& word) {
    if (awaited_ != nullptr) {
      awaited_ = nullptr;
      return false;
    }
    if (word == "--") {
      ++at_;
      return wraps();
    }
    if (absl::StartsWith(word, "-") && word != "-") {
      const HelpOption* option = FindOption(help_, word);
      if (option != nullptr && !option->value.name.empty()) awaited_ = option;
      return false;
    }
    for (const HelpWord& one : help_.subcommands) {
      if (one.word != word) continue;
      path_.push_back(word);
      const std::string text = source_.Help(path_);
      if (IsOwn(text)) {
        Enter();
        return false;
      }
      break;
    }
    if (wraps()) return true;
    ++arguments_;
    return false;
  }

  // Only zlease runs other programs; anything behind a word that it does not know is theirs.
  bool wraps() const { return path_[0] == "zlease" && path_.size() <= 2; }

  // An agent's own help is not ours to read, and zlease does not show another one for it.
  bool IsOwn(const std::string& text) const {
    return absl::StrContains(text, absl::StrCat("Usage: ", absl::StrJoin(path_, " ")));
  }

  Completion Foreign(size_t at) const {
    return {.kind = CompletionKind::kCommand, .candidates = {}, .command_at = at};
  }

  Completion At(const std::string& word) {
    if (awaited_ != nullptr) return OfValue(awaited_->names.back(), awaited_->value, "", word);
    const size_t equals = word.find('=');
    if (absl::StartsWith(word, "--") && equals != std::string::npos) {
      const std::string name = word.substr(0, equals);
      const HelpOption* option = FindOption(help_, name);
      if (option == nullptr) return {};
      return OfValue(name, option->value, absl::StrCat(name, "="), word.substr(equals + 1));
    }
    Completion completion;
    if (absl::StartsWith(word, "-")) {
      for (const HelpOption& one : help_.options) {
        Offer(completion, {one.names.back(), one.description}, word);
      }
      return completion;
    }
    for (const HelpWord& one : help_.subcommands) {
      Offer(completion, {one.word, one.description}, word);
    }
    if (arguments_ < help_.arguments.size()) {
      Completion values = OfValue("", help_.arguments[arguments_], "", word);
      if (values.kind != CompletionKind::kWords && completion.candidates.empty()) return values;
      for (Candidate& one : values.candidates) completion.candidates.push_back(std::move(one));
    }
    if (completion.candidates.empty() && wraps()) return Foreign(words_.size() - 1);
    return completion;
  }

  Completion OfValue(const std::string& option, const HelpValue& value, const std::string& prefix,
                     const std::string& word) {
    if (IsFile(option, value.name)) return {.kind = CompletionKind::kFiles, .candidates = {}};
    Completion completion;
    for (const std::string& choice : value.choices) {
      Offer(completion, {absl::StrCat(prefix, choice), ""}, absl::StrCat(prefix, word));
    }
    for (const LiveThing thing : LiveThingsOf(option, value.name)) {
      for (Candidate& one : source_.Live(thing)) {
        one.word = absl::StrCat(prefix, one.word);
        Offer(completion, std::move(one), absl::StrCat(prefix, word));
      }
    }
    return completion;
  }

  static void Offer(Completion& completion, Candidate one, absl::string_view word) {
    if (completion.candidates.size() >= kCandidatesMax) return;
    if (absl::StartsWith(one.word, word)) completion.candidates.push_back(std::move(one));
  }

  const std::vector<std::string>& words_;
  CompletionSource& source_;
  std::vector<std::string> path_;
  HelpText help_;
  size_t at_ = 0;
  size_t arguments_ = 0;                 // that stand before the word
  const HelpOption* awaited_ = nullptr;  // the option whose value comes next
};

std::string OnOneLine(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", " "}, {"\t", " "}, {"\r", " "}});
}

}  // namespace

Completion Complete(const std::vector<std::string>& words, CompletionSource& source) {
  if (words.size() < 2 || words.size() > kWordsMax) return {};
  return Walk(words, source).Run();
}

std::string RenderCompletion(const Completion& completion) {
  if (completion.kind == CompletionKind::kFiles) return ":files\n";
  if (completion.kind == CompletionKind::kCommand) {
    return absl::StrCat(":command ", completion.command_at, "\n");
  }
  std::string text;
  for (const Candidate& one : completion.candidates) {
    absl::StrAppend(&text, OnOneLine(one.word), "\t", OnOneLine(one.description), "\n");
  }
  return text;
}

}  // namespace zbroker::zctl
