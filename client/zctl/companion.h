// Subcommands that are programs of their own, as git has them: what they know is the shims'.
#ifndef ZBROKER_CLIENT_ZCTL_COMPANION_H_
#define ZBROKER_CLIENT_ZCTL_COMPANION_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

struct Companion {
  const char* name;
  const char* description;  // for the help of zctl
  // What follows "zctl-" in the program's; null: the name.
  const char* program = nullptr;
};

const std::vector<Companion>& Companions();

// Becomes the program if the first argument names one. Returns an exit code if that fails, and -1
// if it names none.
int RunCompanion(int argc, char** argv);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_COMPANION_H_
