#include "shims/tools/settings_file.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::tools {

std::optional<JsonObject> ReadSettings(const std::string& path, Syntax syntax,
                                       const Surroundings& surroundings,
                                       std::vector<std::string>& remarks) {
  const auto text = surroundings.ReadFile(path);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) {
    remarks.push_back(absl::StrCat("passing over ", text.status().message()));
    return std::nullopt;
  }
  auto object = JsonObject::Parse(syntax == Syntax::kJsonWithComments ? PlainJson(*text) : *text);
  if (!object.ok()) {
    remarks.push_back(absl::StrCat("passing over ", path, ": ", object.status().message()));
    return std::nullopt;
  }
  return *std::move(object);
}

}  // namespace zbroker::tools
