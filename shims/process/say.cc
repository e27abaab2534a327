#include "shims/process/say.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace zbroker::process {

void Say(absl::string_view text) {
  const std::string line = absl::StrCat("zlease: ", EscapeControls(text), "\n");
  // Nobody is left to tell when standard error is gone.
  [[maybe_unused]] const ssize_t size = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace zbroker::process
