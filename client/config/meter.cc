#include "client/config/meter.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace zbroker::config {
namespace {

// Bursts have cost people their token.
constexpr absl::Duration kEveryMin = absl::Minutes(1);
constexpr absl::Duration kEveryMax = absl::Hours(24);
constexpr size_t kPathBytesMax = 4096;

std::optional<std::string> ParseVariable(absl::string_view text) {
  const bool fits = !text.empty() && text.size() <= 256 && !absl::ascii_isdigit(text[0]) &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  return fits ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> ParsePath(absl::string_view text) {
  const bool rooted = absl::StartsWith(text, "/") || absl::StartsWith(text, "~/");
  const bool fits =
      text.size() <= kPathBytesMax &&
      std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
  return rooted && fits ? std::optional(std::string(text)) : std::nullopt;
}

}  // namespace

MeterSettings ReadMeter(TableReader& reader) {
  MeterSettings settings;
  settings.every = reader.Duration("every", kEveryMin, kEveryMax);
  settings.key_env =
      reader.Parsed<std::string>("key_env", "the name of an environment variable", ParseVariable)
          .value_or("");
  settings.key_file =
      reader
          .Parsed<std::string>("key_file", "an absolute path or one that begins with \"~/\"",
                               ParsePath)
          .value_or("");
  settings.gateway = reader.Boolean("gateway").value_or(false);
  reader.RejectOtherKeys();
  return settings;
}

}  // namespace zbroker::config
