#include "shims/setup/history.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "shims/setup/replace_file.h"

namespace zbroker::setup {
namespace {

constexpr size_t kFilesMax = 100;

std::vector<int> StepsIn(const std::string& directory) {
  std::vector<int> numbers;
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return numbers;
  while (const dirent* const entry = readdir(entries)) {
    int number = 0;
    if (absl::SimpleAtoi(entry->d_name, &number)) numbers.push_back(number);
  }
  closedir(entries);
  std::ranges::sort(numbers);
  return numbers;
}

// Removes the folder and the files in it.
void Remove(const std::string& folder) {
  for (size_t i = 0; i < kFilesMax; ++i) {
    for (const char* kind : {".path", ".before", ".after"}) {
      unlink(absl::StrCat(folder, "/", i, kind).c_str());
    }
  }
  rmdir(folder.c_str());
}

// Whether every file is still as the step left it.
bool IsUntouched(const History::Step& step) {
  return std::ranges::all_of(step.changes, [](const Change& change) {
    const auto now = ReadIfThere(change.path);
    return now.ok() && *now == change.after;
  });
}

// One step that does what both do.
std::vector<Change> Join(const std::vector<Change>& first, std::vector<Change> second) {
  for (const Change& old : first) {
    const auto same = std::ranges::find(second, old.path, &Change::path);
    if (same == second.end()) {
      second.push_back(old);
    } else {
      same->before = old.before;
    }
  }
  return second;
}

}  // namespace

History::History(const std::string& state_directory, const std::string& tool)
    : directory_(absl::StrCat(state_directory, "/setup/", tool)) {}

absl::StatusOr<std::optional<History::Step>> History::Last() const {
  const std::vector<int> numbers = StepsIn(directory_);
  if (numbers.empty()) return std::optional<Step>();
  Step step{.number = numbers.back()};
  for (size_t i = 0; i < kFilesMax; ++i) {
    const std::string stem = absl::StrCat(directory_, "/", step.number, "/", i);
    ZB_ASSIGN_OR_RETURN(const auto path, ReadIfThere(stem + ".path"));
    if (!path) break;
    Change change{.path = *path};
    ZB_ASSIGN_OR_RETURN(change.before, ReadIfThere(stem + ".before"));
    ZB_ASSIGN_OR_RETURN(change.after, ReadIfThere(stem + ".after"));
    step.changes.push_back(std::move(change));
  }
  return std::optional(std::move(step));
}

absl::Status History::Save(const Step& step) const {
  const std::string draft = absl::StrCat(directory_, "/draft");
  Remove(draft);
  for (size_t i = 0; i < step.changes.size() && i < kFilesMax; ++i) {
    const Change& change = step.changes[i];
    const std::string stem = absl::StrCat(draft, "/", i);
    ZB_RETURN_IF_ERROR(ReplaceFile(stem + ".path", std::nullopt, change.path));
    ZB_RETURN_IF_ERROR(ReplaceFile(stem + ".before", std::nullopt, change.before));
    ZB_RETURN_IF_ERROR(ReplaceFile(stem + ".after", std::nullopt, change.after));
  }
  const std::string folder = absl::StrCat(directory_, "/", step.number);
  if (rename(draft.c_str(), folder.c_str()) != 0) return ErrnoToStatus(errno, folder);
  return absl::OkStatus();
}

absl::Status History::Record(std::vector<Change> changes, bool join) {
  ZB_ASSIGN_OR_RETURN(const std::optional<Step> last, Last());
  if (join && last && IsUntouched(*last)) {
    ZB_RETURN_IF_ERROR(Save({last->number + 1, Join(last->changes, std::move(changes))}));
    return Forget(*last);
  }
  return Save({last ? last->number + 1 : 1, std::move(changes)});
}

absl::Status History::Retract(const std::optional<Step>& former) {
  ZB_ASSIGN_OR_RETURN(const std::optional<Step> last, Last());
  if (last) ZB_RETURN_IF_ERROR(Forget(*last));
  ZB_ASSIGN_OR_RETURN(const std::optional<Step> now, Last());
  // Both had become one.
  const bool is_there = former && now && now->number == former->number;
  return former && !is_there ? Save(*former) : absl::OkStatus();
}

absl::Status History::Forget(const Step& step) {
  Remove(absl::StrCat(directory_, "/", step.number));
  return absl::OkStatus();
}

}  // namespace zbroker::setup
