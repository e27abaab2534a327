// The directory that a run works in.
#ifndef ZBROKER_TESTS_BENCH_WORKSPACE_H_
#define ZBROKER_TESTS_BENCH_WORKSPACE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace zbroker::bench {

// A fresh directory, removed with all that is in it when this is destroyed, or when SIGINT or
// SIGTERM ends the process. One at a time.
class Workspace {
 public:
  // Makes it inside `parent`. REQUIRES: no other thread runs yet, so that all of them leave the
  // signals to this. Errors: `parent` is missing or not writable.
  static absl::StatusOr<std::unique_ptr<Workspace>> Create(const std::string& parent);
  ~Workspace();

  const std::string& path() const { return path_; }

  // Whether a commit there reaches a disk; in memory it costs nothing and tells nothing.
  bool IsInMemory() const;

 private:
  explicit Workspace(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_WORKSPACE_H_
