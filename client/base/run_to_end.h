// Running one of our own programs for what it prints.
#ifndef ZBROKER_CLIENT_BASE_RUN_TO_END_H_
#define ZBROKER_CLIENT_BASE_RUN_TO_END_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace zbroker {

// A program's path: beside us, or where packages put what people run; else the name, for PATH.
std::string FindProgram(const std::string& name);

struct ProgramEnd {
  int exit_status = -1;  // -1: killed
  std::string output;    // both of its outputs, without white space at the ends
};

// Runs a command, of which FindProgram finds the program, and waits for its end. Standard input is
// empty; the descriptors that are not closed at exec are the program's too. Output beyond
// `output_max` bytes is dropped. Errors: UNAVAILABLE when it can't be run.
absl::StatusOr<ProgramEnd> RunToEnd(std::vector<std::string> command, size_t output_max = 16 << 10);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_RUN_TO_END_H_
