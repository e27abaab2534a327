#include "client/base/gateway_record.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker {
namespace {

constexpr size_t kGatewaysMax = 64;
constexpr size_t kRecordBytesMax = 8192;

std::string DirectoryOf(const std::string& state_directory) {
  return absl::StrCat(state_directory, "/gateways");
}

// A line for each: its name, a blank, its value.
std::string Format(const GatewayRecord& record) {
  return absl::StrCat("url ", record.url, "\nupstream ", record.upstream, "\naccount ",
                      record.account, "\nversion ", record.version, "\npid ", record.pid,
                      "\nstarted ", absl::ToUnixSeconds(record.started), "\nclock_off ",
                      absl::ToInt64Seconds(record.clock_off), "\n");
}

std::optional<GatewayRecord> Parse(absl::string_view text) {
  GatewayRecord record;
  int64_t started = 0;
  int64_t clock_off = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (field.first == "url") record.url = std::string(field.second);
    if (field.first == "upstream") record.upstream = std::string(field.second);
    if (field.first == "account") record.account = std::string(field.second);
    if (field.first == "version") record.version = std::string(field.second);
    if (field.first == "pid" && !absl::SimpleAtoi(field.second, &record.pid)) return std::nullopt;
    if (field.first == "clock_off" && !absl::SimpleAtoi(field.second, &clock_off)) continue;
    if (field.first == "started" && !absl::SimpleAtoi(field.second, &started)) return std::nullopt;
  }
  record.started = absl::FromUnixSeconds(started);
  record.clock_off = absl::Seconds(clock_off);
  return record.url.empty() ? std::nullopt : std::optional(std::move(record));
}

// The record in a file whose gateway runs. Removes that of one that does not.
std::optional<GatewayRecord> ReadRunning(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return std::nullopt;
  if (flock(fd.get(), LOCK_SH | LOCK_NB) == 0) {
    unlink(path.c_str());
    return std::nullopt;
  }
  std::string text(kRecordBytesMax, '\0');
  const ssize_t size = read(fd.get(), text.data(), text.size());
  if (size <= 0) return std::nullopt;
  text.resize(static_cast<size_t>(size));
  return Parse(text);
}

}  // namespace

std::string GatewayRecord::address() const {
  absl::string_view rest = url;
  absl::ConsumePrefix(&rest, "http://");
  return std::string(rest.substr(0, rest.find('/')));
}

absl::StatusOr<GatewayAnnouncement> GatewayAnnouncement::Make(const std::string& state_directory,
                                                              const GatewayRecord& record) {
  const std::string directory = DirectoryOf(state_directory);
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(state_directory));
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(directory));
  // Nobody may see it unlocked or half written. Not by the pid: in a container it may be another's.
  std::string draft = absl::StrCat(directory, "/.XXXXXX");
  Fd fd(mkostemp(draft.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoToStatus(errno, draft);
  const std::string path = absl::StrCat(directory, "/", draft.substr(draft.rfind('.') + 1));
  const std::string text = Format(record);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0 ||
      write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      rename(draft.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(draft.c_str());
    return ErrnoToStatus(error, path);
  }
  return GatewayAnnouncement(path, std::move(fd));
}

GatewayAnnouncement::~GatewayAnnouncement() {
  if (lock_.valid()) unlink(path_.c_str());
}

absl::Status GatewayAnnouncement::Update(const GatewayRecord& record) const {
  // Whoever reads it meanwhile finds the new text, and behind it maybe some of the old, which is
  // the end of its last line.
  const std::string text = Format(record);
  if (pwrite(lock_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ftruncate(lock_.get(), static_cast<off_t>(text.size())) != 0) {
    return ErrnoToStatus(errno, path_);
  }
  return absl::OkStatus();
}

std::vector<GatewayRecord> RunningGateways(const std::string& state_directory) {
  std::vector<GatewayRecord> running;
  const std::string directory = DirectoryOf(state_directory);
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return running;
  for (const dirent* entry = readdir(entries); entry != nullptr && running.size() < kGatewaysMax;
       entry = readdir(entries)) {
    if (entry->d_name[0] == '.') continue;
    auto record = ReadRunning(absl::StrCat(directory, "/", entry->d_name));
    if (record) running.push_back(*std::move(record));
  }
  closedir(entries);
  std::ranges::sort(running, {},
                    [](const GatewayRecord& one) { return std::pair(one.started, one.pid); });
  return running;
}

std::optional<GatewayRecord> UsualGateway(const std::vector<GatewayRecord>& gateways) {
  if (gateways.empty()) return std::nullopt;
  const auto usual = std::ranges::find_if(
      gateways, [](const GatewayRecord& one) { return one.address() == kUsualGatewayAddress; });
  return usual == gateways.end() ? gateways[0] : *usual;
}

}  // namespace zbroker
