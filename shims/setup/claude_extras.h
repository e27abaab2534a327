// `zctl setup claude --mcp` and `--hook`: lets Claude Code's model ask, and keeps it from starting
// sub-agents in vain.
#ifndef ZBROKER_SHIMS_SETUP_CLAUDE_EXTRAS_H_
#define ZBROKER_SHIMS_SETUP_CLAUDE_EXTRAS_H_

#include "absl/status/status.h"
#include "shims/setup/command_line.h"
#include "shims/setup/set_up.h"
#include "shims/tools/surroundings.h"

namespace zbroker::setup {

// What of the two the line asks for, or takes it back with `undo`. Needs no gateway. Errors: those
// of tools::RegisterServer and RegisterHook, HowToCall, ChangeEach and UndoEach.
absl::Status SetUpClaudeExtras(const CommandLine& line, const tools::Surroundings& surroundings,
                               const Person& person);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_CLAUDE_EXTRAS_H_
