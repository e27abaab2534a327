// Asks the system's tools about files.
#ifndef ZBROKER_TESTS_UNIT_SETUP_SHELL_H_
#define ZBROKER_TESTS_UNIT_SETUP_SHELL_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/process.h"

namespace zbroker::testing {

// What the command prints.
inline std::string Shell(const std::string& command) {
  return RunProgram({"/bin/sh", "-c", absl::StrCat("PATH=/usr/bin:/bin; ", command)}).out;
}

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_UNIT_SETUP_SHELL_H_
