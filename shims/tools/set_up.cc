#include "shims/tools/set_up.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/tools/known_gateway.h"
#include "shims/tools/url.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

bool IsBelow(absl::string_view url, absl::string_view base) {
  return absl::ConsumePrefix(&url, base) && (url.empty() || url[0] == '/');
}

}  // namespace

std::optional<std::string> PathBehind(const FixedGateway& gateway, const Url& current) {
  for (const std::string& other : gateway.others) {
    if (IsBelow(current.text(), other)) return std::nullopt;
  }
  if (auto behind = BehindToken(current.text())) return behind;
  if (current.origin != gateway.upstream.origin) return std::nullopt;
  if (zai::IsServicePath(current.path)) return current.path;
  return Through("", gateway.upstream, current);
}

std::string OutOfReach(absl::string_view what, const Url& current, const FixedGateway& gateway) {
  return absl::StrCat(what, " goes to ", current.origin, ", and the gateway to ",
                      gateway.upstream.origin);
}

absl::Status CheckFree(absl::string_view kept, const FixedGateway& gateway) {
  if (std::ranges::find(gateway.others, absl::StripAsciiWhitespace(kept)) == gateway.others.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "its requests go through another gateway that runs, and it can be told of only one: stop "
      "that one, then run this again");
}

std::string SecretPath(absl::string_view tool_name, const Surroundings& surroundings) {
  return absl::StrCat(surroundings.state_directory(), "/setup/", tool_name, ".url");
}

void AddFile(const std::string& path, std::string content, const Surroundings& surroundings,
             SetUp& set_up) {
  const auto now = surroundings.ReadFile(path);
  if (now.ok() && *now == content) return;
  set_up.files.push_back({path, std::move(content)});
}

absl::Status CheckLeadsSomewhere(const std::string& path, const Surroundings& surroundings) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos || surroundings.Exists(path)) return absl::OkStatus();
  const std::vector<std::string> names = surroundings.ListDirectory(path.substr(0, slash));
  if (std::ranges::find(names, path.substr(slash + 1)) == names.end()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   " is a link to something that is not there: make that, or remove the "
                   "link, then run this again"));
}

absl::StatusOr<std::string> ReadOrEmpty(const std::string& path, const Surroundings& surroundings) {
  auto text = surroundings.ReadFile(path);
  if (!absl::IsNotFound(text.status())) return text;
  if (absl::Status status = CheckLeadsSomewhere(path, surroundings); !status.ok()) return status;
  return std::string();
}

}  // namespace zbroker::tools
