#include "client/config/globs.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace zbroker::config {
namespace {

constexpr size_t kGlobsMax = 64;
constexpr size_t kGlobBytesMax = 128;

std::optional<std::vector<std::string>> CheckGlobs(const std::vector<std::string>& globs) {
  const auto fits = [](const std::string& glob) {
    return !glob.empty() && CheckName("glob", glob, kGlobBytesMax).ok();
  };
  if (globs.empty() || globs.size() > kGlobsMax) return std::nullopt;
  if (!std::all_of(globs.begin(), globs.end(), fits)) return std::nullopt;
  return globs;
}

}  // namespace

std::vector<std::string> ReadGlobs(TableReader& reader, absl::string_view key, Presence presence) {
  const std::string expected = absl::StrCat("1 to ", kGlobsMax, " patterns of 1 to ", kGlobBytesMax,
                                            " bytes, such as [\"glm-4.7-flash*\"]");
  return reader.ParsedList(key, expected, CheckGlobs, presence)
      .value_or(std::vector<std::string>());
}

}  // namespace zbroker::config
