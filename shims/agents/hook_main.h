// `zctl hook claude`: a command that Claude Code runs before it starts a sub-agent.
#ifndef ZBROKER_SHIMS_AGENTS_HOOK_MAIN_H_
#define ZBROKER_SHIMS_AGENTS_HOOK_MAIN_H_

namespace zbroker::agents {

// argv[0] is "hook". Returns the exit status: 0 but for a command line that is wrong, which is 1,
// as Claude Code takes a 2 for a refusal. Whatever keeps it from finding out is passed over in
// silence: work must not stop for a broker that is away.
int RunHook(int argc, char** argv);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_HOOK_MAIN_H_
