// What may stand where the cursor is in a command line of ours, as shells ask it (`zctl completion`
// says how). Nothing is listed here: options, subcommands and words are those that the programs'
// own help names, and live things come from the daemon.
#ifndef ZBROKER_CLIENT_ZCTL_COMPLETION_H_
#define ZBROKER_CLIENT_ZCTL_COMPLETION_H_

#include <cstddef>
#include <string>
#include <vector>

namespace zbroker::zctl {

struct Candidate {
  std::string word;
  std::string description;
};

enum class LiveThing { kLeases, kSessions, kAccounts, kModels, kPrograms, kTools };

// Where answers come from. Both are silent about what they can't tell.
class CompletionSource {
 public:
  virtual ~CompletionSource() = default;
  // What the program prints when it is called with the words behind it and `--help`.
  virtual std::string Help(const std::vector<std::string>& command) = 0;
  virtual std::vector<Candidate> Live(LiveThing thing) = 0;
};

enum class CompletionKind { kWords, kFiles, kCommand };

struct Completion {
  CompletionKind kind = CompletionKind::kWords;
  std::vector<Candidate> candidates;  // of kWords: those that begin as the last word does
  size_t command_at = 0;              // of kCommand: the word with which somebody else's begins
};

// `words` begin with the program and end with the word at the cursor, which may be empty.
Completion Complete(const std::vector<std::string>& words, CompletionSource& source);

// For the shell's script: a line for each candidate, with its description behind a tab; or a line
// ":files" or ":command N".
std::string RenderCompletion(const Completion& completion);

// What makes a shell ask: of "bash", "zsh" or "fish"; empty for any other.
std::string CompletionScript(const std::string& shell);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_COMPLETION_H_
