// What init says when it has done its work.
#ifndef ZBROKER_SHIMS_INIT_REPORT_H_
#define ZBROKER_SHIMS_INIT_REPORT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "shims/init/choices.h"

namespace zbroker::init {

struct Outcome {
  std::string file;
  bool changed = false;  // what the file is to be differs from what it was
  bool written = false;
  std::string backup;              // the folder with what it was; empty: there was none
  std::string reloaded;            // what the daemon said; empty: it was not asked
  std::vector<std::string> found;  // tools
  // Those that were to be set up, and what was wrong.
  std::vector<std::pair<std::string, absl::Status>> set_up;
};

// What nobody publishes, and how it will be known. A sentence each.
std::vector<std::string> NotKnown(const Choices& choices);

// The text in lines, of which the first begins with `begin` and the others as far in.
std::string Lines(absl::string_view begin, absl::string_view text);

// What to do next: two lines.
std::string Next(const Outcome& outcome);

std::string ToJson(const Outcome& outcome, const Choices& choices);
std::string UndoneAsJson();
std::string ErrorAsJson(const absl::Status& status, int exit_code);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_REPORT_H_
