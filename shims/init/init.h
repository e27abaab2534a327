// Writing a configuration, from the first question to the last word.
#ifndef ZBROKER_SHIMS_INIT_INIT_H_
#define ZBROKER_SHIMS_INIT_INIT_H_

#include "absl/status/status.h"
#include "shims/init/command_line.h"
#include "shims/init/questions.h"
#include "shims/setup/set_up.h"
#include "shims/tools/surroundings.h"

namespace zbroker::init {

// `person.ask` and `ask_line` are null when nobody can be asked. Nothing is written before all
// questions have been answered, the daemon's loader has found the result valid, and the person has
// seen it and said yes (or the command line does). Errors: INVALID_ARGUMENT for what the command
// line says; FAILED_PRECONDITION, ABORTED and others when it can't be written, or a tool could not
// be set up; CANCELLED when it is not wanted.
absl::Status Init(const CommandLine& line, const tools::Surroundings& surroundings,
                  const setup::Person& person, const AskLine& ask_line);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_INIT_H_
