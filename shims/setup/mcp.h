// `zctl setup mcp`: has the MCP servers that tools' settings name take leases for their calls.
#ifndef ZBROKER_SHIMS_SETUP_MCP_H_
#define ZBROKER_SHIMS_SETUP_MCP_H_

#include <string>

#include "absl/status/status.h"
#include "shims/setup/command_line.h"
#include "shims/setup/set_up.h"
#include "shims/tools/surroundings.h"

namespace zbroker::setup {

// Wraps all servers that a command starts, or those that the line names; with `unwrap` what was
// wrapped is started directly again, whoever wrapped it. Files that can't be used are passed over
// with a remark. Each file is written and remembered by itself: tools write to some of them at each
// run, and that must not keep the others from being undone. Errors: FAILED_PRECONDITION when there
// is no such server, or a file can't be written; the first of several.
absl::Status SetUpMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                      const Person& person);

// Takes back what SetUpMcp has last done to each file that tools would read here. Errors: those of
// UndoChanges, the first of several.
absl::Status UndoMcp(const CommandLine& line, const tools::Surroundings& surroundings,
                     const Person& person);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_MCP_H_
