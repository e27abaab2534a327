#include "shims/meter/key.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/status.h"
#include "client/base/url.h"
#include "shims/tools/json_settings.h"

namespace zbroker::meter {
namespace {

constexpr size_t kKeyBytesMin = 8;
constexpr size_t kKeyBytesMax = 4096;
// Characters in a row that quote the key.
constexpr size_t kQuotedRun = 8;

void Wipe(std::string& text) { explicit_bzero(text.data(), text.size()); }

absl::StatusOr<Key> FromVariable(const std::string& name, const tools::Surroundings& surroundings) {
  std::optional<std::string> value = surroundings.Variable(name);
  if (!value || value->empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the variable ", name, ", which is to hold the key, is not set"));
  }
  auto key = Key::Parse(absl::StrCat("the variable ", name), *value);
  Wipe(*value);
  return key;
}

// The file is open before it is looked at, so that it is the one that was looked at.
absl::StatusOr<Key> FromFile(const std::string& path) {
  const std::string what = absl::StrCat("key file ", path);
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, what);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(what, ": is no file"));
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, ": belongs to user ", info.st_uid, ", who may change it"));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(what, ": others can read it; `chmod 600 ",
                                                      path,
                                                      "` and, if they may have, make a new key"));
  }
  std::string text(kKeyBytesMax + 1, '\0');
  const ssize_t size = read(fd.get(), text.data(), text.size());
  if (size < 0) return ErrnoToStatus(errno, what);
  auto key = Key::Parse(what, absl::string_view(text.data(), static_cast<size_t>(size)));
  Wipe(text);
  return key;
}

// What Claude Code sends to that host, by its user settings or its environment.
std::optional<Key> FromClaude(absl::string_view origin, const tools::Surroundings& surroundings) {
  const auto directory = surroundings.Variable("CLAUDE_CONFIG_DIR");
  const std::string path = absl::StrCat(
      directory && !directory->empty() ? *directory : absl::StrCat(surroundings.home(), "/.claude"),
      "/settings.json");
  std::optional<tools::JsonObject> settings;
  if (auto text = surroundings.ReadFile(path); text.ok()) {
    auto parsed = tools::JsonObject::Parse(*text);
    if (parsed.ok()) settings = *std::move(parsed);
    Wipe(*text);
  }
  const auto find = [&](const char* name) {
    std::optional<std::string> value;
    if (settings) value = settings->String({"env", name});
    return value ? value : surroundings.Variable(name);
  };
  const auto base = find("ANTHROPIC_BASE_URL");
  if (!base) return std::nullopt;
  const auto url = ParseUrl("ANTHROPIC_BASE_URL", *base);
  if (!url.ok() || url->origin != origin) return std::nullopt;
  for (const char* name : {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"}) {
    auto value = find(name);
    if (!value) continue;
    auto key = Key::Parse(name, *value);
    Wipe(*value);
    if (key.ok()) return *std::move(key);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Key> Key::Parse(absl::string_view whence, absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  if (!printable || text.size() < kKeyBytesMin || text.size() > kKeyBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(whence, " holds no key: expected one line of ",
                                                   kKeyBytesMin, " or more printable characters"));
  }
  Key key;
  key.text_ = std::string(text);
  return key;
}

Key::~Key() { Wipe(text_); }

std::string Key::Mask(absl::string_view text) const {
  if (text_.size() < kQuotedRun) return std::string(text);
  std::string masked;
  for (size_t at = 0; at < text.size();) {
    size_t run = 0;
    while (at + run + kQuotedRun <= text.size() &&
           absl::StrContains(text_, text.substr(at + run, kQuotedRun))) {
      ++run;
    }
    if (run == 0) {
      masked += text[at++];
      continue;
    }
    absl::StrAppend(&masked, "…");
    at += run + kQuotedRun - 1;
  }
  return masked;
}

absl::StatusOr<Key> FindKey(const KeyPlace& place, absl::string_view origin,
                            const tools::Surroundings& surroundings) {
  const bool set = !place.variable.empty() && surroundings.Variable(place.variable).has_value();
  if (set || (!place.variable.empty() && place.file.empty())) {
    return FromVariable(place.variable, surroundings);
  }
  if (!place.file.empty()) return FromFile(place.file);
  if (auto key = FromClaude(origin, surroundings)) return *std::move(key);
  return absl::FailedPreconditionError(absl::StrCat(
      "nothing says where the key for ", origin,
      " is: give --key-env NAME or --key-file FILE, or set key_env or key_file of [meter] in "
      "zbroker's configuration; or let a gateway borrow it: gateway = true"));
}

void LeaveNoCore() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

}  // namespace zbroker::meter
