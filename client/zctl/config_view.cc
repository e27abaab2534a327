#include "client/zctl/config_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace zbroker::zctl {
namespace {

// Longer ones stand out rather than push all others to the right.
constexpr size_t kAlignedColumnsMax = 64;

std::string ConfigName(const std::string& file) {
  return file.empty() ? "no file: built-in defaults" : EscapeControls(file);
}

std::string OriginText(const v1::Setting& setting, const std::string& file) {
  if (setting.origin() == "file") return absl::StrCat(EscapeControls(file), ":", setting.line());
  if (setting.origin() == "command_line") return "command line";
  if (setting.origin() == "plan") return "the plan";
  return EscapeControls(setting.origin());
}

std::string SettingLine(const v1::Setting& setting) {
  return absl::StrCat(EscapeControls(setting.key()), " = ", EscapeControls(setting.value()));
}

}  // namespace

std::string RenderConfig(const v1::ConfigReport& report, bool origin) {
  std::string out = absl::StrCat(
      report.in_force() ? "# in force, from " : "# no daemon runs; one that starts has this, from ",
      ConfigName(report.config_file()), "\n");
  size_t width = 0;
  for (const v1::Setting& setting : report.settings()) {
    const size_t size = SettingLine(setting).size();
    if (size <= kAlignedColumnsMax) width = std::max(width, size);
  }
  for (const v1::Setting& setting : report.settings()) {
    std::string line = SettingLine(setting);
    if (origin) {
      line.resize(std::max(line.size(), width), ' ');
      absl::StrAppend(&line, "  # ", OriginText(setting, report.config_file()));
    }
    absl::StrAppend(&out, line, "\n");
  }
  return out;
}

std::string RenderReloadCheck(const v1::ReloadReply& reply) {
  std::string out = absl::StrCat(ConfigName(reply.config_file()), ": valid; ");
  if (reply.changes().empty()) return absl::StrCat(out, "a reload changes nothing\n");
  absl::StrAppend(&out, "a reload changes ", reply.changes_size(),
                  reply.changes_size() == 1 ? " key\n" : " keys\n");
  for (const v1::SettingChange& change : reply.changes()) {
    absl::StrAppend(&out, "  ", EscapeControls(change.key()), ": ",
                    change.before().empty() ? "not there" : EscapeControls(change.before()), " → ",
                    change.after().empty() ? "not there" : EscapeControls(change.after()), "\n");
  }
  return out;
}

}  // namespace zbroker::zctl
