// What a tool's start depends on besides its arguments: the one way in which this folder looks at
// the machine.
#ifndef ZBROKER_SHIMS_TOOLS_SURROUNDINGS_H_
#define ZBROKER_SHIMS_TOOLS_SURROUNDINGS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::tools {

// Names and values, for an environment.
using Variables = std::vector<std::pair<std::string, std::string>>;

class Surroundings {
 public:
  // A longer file is no settings. Claude Code keeps histories beside them, which grow for years.
  static constexpr size_t kFileBytesMax = size_t{64} << 20;

  // Those of this process.
  static std::unique_ptr<Surroundings> OfProcess();

  virtual ~Surroundings() = default;

  // A variable of the environment; empty when it is not set.
  virtual std::optional<std::string> Variable(const std::string& name) const = 0;

  // A file's content. Errors: NOT_FOUND, also when the path leads through something that is not a
  // directory; FAILED_PRECONDITION when it is not a file or has more than kFileBytesMax; those of
  // ErrnoToStatus. Each message names the path.
  virtual absl::StatusOr<std::string> ReadFile(const std::string& path) const = 0;

  // The names in a directory, sorted, at most 1000; none when it can't be read.
  virtual std::vector<std::string> ListDirectory(const std::string& path) const = 0;

  virtual bool Exists(const std::string& path) const = 0;

  // Absolute paths without a slash at the end; the home is empty when there is none.
  virtual std::string home() const = 0;
  virtual std::string directory() const = 0;

  // Where zbroker keeps its own; empty when that can't be told.
  virtual std::string state_directory() const = 0;

  // zbroker's configuration file; empty when there is none.
  virtual std::string config_path() const = 0;
};

// The current directory and those above it, up to the root of its repository.
std::vector<std::string> ProjectDirectories(const Surroundings& surroundings);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_SURROUNDINGS_H_
