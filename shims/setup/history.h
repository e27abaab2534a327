// What set-up has changed, so that it can be undone.
#ifndef ZBROKER_SHIMS_SETUP_HISTORY_H_
#define ZBROKER_SHIMS_SETUP_HISTORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zbroker::setup {

// A file's content; empty stands for no file.
struct Change {
  std::string path;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

// The steps of one tool's set-up, kept below the state directory: a folder each, and in it for each
// file N its path (N.path) and copies of what it was (N.before) and became (N.after). They hold
// what the files held, so they are as private as the state directory. Only the last step can be
// undone, then the one before it.
class History {
 public:
  // REQUIRES: a state directory that PreparePrivateDirectory has seen.
  History(const std::string& state_directory, const std::string& tool);

  // The last step's number and changes; empty when there is none. Errors: those of the files.
  struct Step {
    int number = 0;
    std::vector<Change> changes;
  };
  absl::StatusOr<std::optional<Step>> Last() const;

  // Records a step, before its changes are made. With `join`, when nobody has changed what the last
  // step wrote since, both become one: undoing leads back to what was there before the first.
  // Errors: those of the files.
  absl::Status Record(std::vector<Change> changes, bool join = true);

  // Takes back the last Record, before which the last step was `former`: its changes could not be
  // made.
  absl::Status Retract(const std::optional<Step>& former);

  // Forgets a step.
  absl::Status Forget(const Step& step);

 private:
  absl::Status Save(const Step& step) const;

  std::string directory_;
};

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_HISTORY_H_
