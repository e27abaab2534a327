// The configuration of OpenCode and of what was made of it.
#ifndef ZBROKER_SHIMS_TOOLS_OPEN_CODE_CONFIG_H_
#define ZBROKER_SHIMS_TOOLS_OPEN_CODE_CONFIG_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/base/url.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// How a program of this family calls things.
struct OpenCodeNames {
  absl::string_view title;             // "OpenCode"
  absl::string_view content_variable;  // has a configuration that wins over all files
  absl::string_view file_variable;     // names a file of its own
  absl::string_view directory;         // below ~/.config and ~/.local/share
  // Below a project's directories, the one that wins first.
  std::vector<absl::string_view> project_directories;
  // In each of these places, the one that wins first.
  std::vector<absl::string_view> files;
  absl::string_view new_file;  // the one to make where there is none
};

struct OpenCodeFile {
  std::string path;
  bool of_the_user = false;
};

// The files that the program reads if they are there, the one that wins first.
std::vector<OpenCodeFile> FilesOf(const OpenCodeNames& names, const Surroundings& surroundings);

// A source of settings.
struct OpenCodeSource {
  std::string place;  // the path of a file, or the name of a variable
  bool of_the_user = false;
  JsonObject settings;
};

// All sources, the one that wins first.
class OpenCodeConfig {
 public:
  // Reads what the program itself would. What can't be used is passed over with a remark.
  static OpenCodeConfig Read(const OpenCodeNames& names, const Surroundings& surroundings,
                             std::vector<std::string>& remarks);

  // A string, with what stands for a variable or a file's content put in; and who says so.
  struct Found {
    std::string value;
    const OpenCodeSource* source = nullptr;
  };
  std::optional<Found> String(JsonPath path) const;
  // What all sources say, the one that wins first.
  std::vector<Found> Strings(JsonPath path) const;

  // Each provider that is named, once.
  std::vector<std::string> Providers() const;

  // The user's own file: the one of those that are there which wins, else the one to make.
  const std::string& user_file() const { return user_file_; }

 private:
  explicit OpenCodeConfig(const Surroundings& surroundings) : surroundings_(surroundings) {}

  const Surroundings& surroundings_;
  std::vector<OpenCodeSource> sources_;
  std::string user_file_;
};

// A provider whose requests go to a base URL.
struct OpenCodeProvider {
  std::string id;
  Url url;
  std::string place;        // what names the URL; empty: the program's catalogue
  bool of_the_user = true;  // set-up may change what names it
};

// The providers in use whose base URL can be told, the likeliest first. Those that the
// configuration names or that the user has signed in to.
std::vector<OpenCodeProvider> FindProviders(const OpenCodeNames& names,
                                            const OpenCodeConfig& config,
                                            const Surroundings& surroundings,
                                            std::vector<std::string>& remarks);

// The one that is offered to those who have signed in nowhere.
inline constexpr absl::string_view kOfferedProvider = "zai-coding-plan";

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_OPEN_CODE_CONFIG_H_
