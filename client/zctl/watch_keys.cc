#include "client/zctl/watch_keys.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/paint.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBackspace = '\x7f';
constexpr char kBackspaceToo = '\b';

struct SortName {
  WatchSort sort;
  absl::string_view name;
};
// In the order in which the key goes through them.
constexpr SortName kSorts[] = {{WatchSort::kAsTheyCome, "as they come"},
                               {WatchSort::kLongest, "longest first"},
                               {WatchSort::kProgram, "by program"},
                               {WatchSort::kSession, "by session"},
                               {WatchSort::kProject, "by project"}};

constexpr absl::string_view kHelp =
    "s  sort: as they come, longest, program, session, project\n"
    "/  only what a word is in: program, session, project, model\n"
    "p  pause or resume a class: interactive, normal, background\n"
    "   or all; resuming all ends walls too, as `zctl resume`\n"
    "r  revoke a lease, after a question\n"
    "?  this help; any key ends it\n"
    "q  quit, as Ctrl-C does\n";

// Keys without a character come as an escape and more bytes.
bool IsSpecialKey(absl::string_view bytes) { return bytes.size() > 1 && bytes[0] == kEscape; }

absl::Duration Length(const v1::LeaseInfo& lease) { return ToDuration(lease.held()); }
absl::Duration Length(const v1::WaiterInfo& waiter) { return ToDuration(waiter.waited()); }

template <typename Info>
bool IsBefore(WatchSort sort, const Info& a, const Info& b) {
  switch (sort) {
    case WatchSort::kAsTheyCome:
      return false;
    case WatchSort::kLongest:
      return Length(a) > Length(b);
    case WatchSort::kProgram:
      return a.holder().program() < b.holder().program();
    case WatchSort::kSession:
      return a.session() < b.session();
    case WatchSort::kProject:
      return a.project() < b.project();
  }
  return false;
}

// `word` is in small letters.
template <typename Info>
bool Matches(const Info& info, absl::string_view word) {
  for (const absl::string_view text :
       {absl::string_view(info.holder().program()), absl::string_view(info.session()),
        absl::string_view(info.project()), absl::string_view(info.model())}) {
    if (absl::StrContains(absl::AsciiStrToLower(text), word)) return true;
  }
  return false;
}

template <typename Infos>
void ArrangeAll(WatchSort sort, absl::string_view word, Infos* infos) {
  if (!word.empty()) {
    const auto gone = std::remove_if(infos->begin(), infos->end(),
                                     [&](const auto& info) { return !Matches(info, word); });
    infos->DeleteSubrange(static_cast<int>(gone - infos->begin()),
                          static_cast<int>(infos->end() - gone));
  }
  std::stable_sort(infos->begin(), infos->end(),
                   [sort](const auto& a, const auto& b) { return IsBefore(sort, a, b); });
}

struct PauseKey {
  char key;
  v1::Priority priority;
  absl::string_view name;
};
constexpr PauseKey kPauseKeys[] = {{'i', v1::PRIORITY_INTERACTIVE, "interactive work"},
                                   {'n', v1::PRIORITY_NORMAL, "normal work"},
                                   {'b', v1::PRIORITY_BACKGROUND, "background work"},
                                   {'a', v1::PRIORITY_UNSPECIFIED, "all work"}};

bool IsPaused(const v1::Status& status, absl::string_view account, v1::Priority priority) {
  for (const v1::AccountStatus& one : status.accounts()) {
    if (one.name() != account) continue;
    for (const v1::Pause& pause : one.pauses()) {
      const v1::Part& part = pause.part();
      if (part.session().empty() && part.program().empty() && part.priority() == priority) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool WatchKeys::Press(absl::string_view bytes, const v1::Status& status) {
  if (IsSpecialKey(bytes)) return true;
  for (const char key : bytes) {
    told_.clear();
    switch (mode_) {
      case Mode::kPlain:
        if (!PressPlain(key, status)) return false;
        break;
      case Mode::kHelp:
        mode_ = Mode::kPlain;
        break;
      case Mode::kFilter:
      case Mode::kLease:
        PressText(key, status);
        break;
      case Mode::kPause:
        PressPause(key, status);
        break;
      case Mode::kSure:
        if (key == 'y') order_ = RevokeCommand{lease_};
        if (key != 'y') told_ = "nothing was revoked";
        mode_ = Mode::kPlain;
        break;
    }
  }
  return true;
}

bool WatchKeys::PressPlain(char key, const v1::Status& status) {
  input_.clear();
  switch (key) {
    case 'q':
      return false;
    case '?':
    case 'h':
      mode_ = Mode::kHelp;
      break;
    case 's':
      sort_ = static_cast<WatchSort>((static_cast<size_t>(sort_) + 1) % std::size(kSorts));
      break;
    case '/':
    case 'f':
      mode_ = Mode::kFilter;
      filter_.clear();
      break;
    case 'p':
      mode_ = Mode::kPause;
      subject_ = AccountOf(status);
      break;
    case 'r':
      mode_ = Mode::kLease;
      break;
    default:
      break;
  }
  return true;
}

// Of a filter each letter counts at once.
void WatchKeys::PressText(char key, const v1::Status& status) {
  if (key == kEscape) {
    input_.clear();
    filter_.clear();
    mode_ = Mode::kPlain;
    return;
  }
  if (key == '\r' || key == '\n') {
    const bool lease = mode_ == Mode::kLease;
    mode_ = Mode::kPlain;
    if (lease) AskForLease(status);
    return;
  }
  if (key == kBackspace || key == kBackspaceToo) {
    // A character may have several bytes; those after the first are 10xxxxxx.
    while (!input_.empty() && (static_cast<unsigned char>(input_.back()) & 0xC0) == 0x80) {
      input_.pop_back();
    }
    if (!input_.empty()) input_.pop_back();
  } else if (static_cast<unsigned char>(key) >= ' ' && input_.size() < kInputMax) {
    input_.push_back(key);
  }
  if (mode_ == Mode::kFilter) filter_ = input_;
}

void WatchKeys::PressPause(char key, const v1::Status& status) {
  mode_ = Mode::kPlain;
  for (const PauseKey& one : kPauseKeys) {
    if (one.key != key) continue;
    v1::Part part;
    part.set_priority(one.priority);
    if (IsPaused(status, subject_, one.priority)) {
      order_ = ResumeCommand{.account = subject_, .part = part};
    } else {
      order_ = PauseCommand{.account = subject_, .part = part};
    }
    return;
  }
  told_ = "nothing was paused";
}

void WatchKeys::AskForLease(const v1::Status& status) {
  uint64_t id = 0;
  if (input_.empty()) return;
  if (absl::SimpleAtoi(input_, &id)) {
    for (const v1::AccountStatus& account : status.accounts()) {
      for (const v1::LeaseInfo& lease : account.leases()) {
        if (lease.lease_id() != id) continue;
        lease_ = id;
        subject_ = HolderName(lease.holder());
        mode_ = Mode::kSure;
        return;
      }
    }
  }
  told_ = absl::StrCat("no lease ", EscapeControls(input_), " is open");
}

// The daemon tells the default account first, which is the one that an order without a name means.
std::string WatchKeys::AccountOf(const v1::Status& status) const {
  if (!account_.empty() || status.accounts().empty()) return account_;
  return status.accounts(0).name();
}

std::optional<WatchKeys::Order> WatchKeys::TakeOrder() {
  return std::exchange(order_, std::nullopt);
}

v1::Status WatchKeys::Arrange(v1::Status status) const {
  const std::string word = absl::AsciiStrToLower(filter_);
  for (v1::AccountStatus& account : *status.mutable_accounts()) {
    ArrangeAll(sort_, word, account.mutable_leases());
    ArrangeAll(sort_, word, account.mutable_waiters());
  }
  return status;
}

std::string WatchKeys::RenderHelp(const ViewOptions& options) {
  return absl::StrCat(Painted("keys", Paint::kStrong, options.color), "\n\n", kHelp);
}

std::string WatchKeys::Question() const {
  switch (mode_) {
    case Mode::kFilter:
      return absl::StrCat("show only: ", EscapeControls(input_),
                          "_  (Enter keeps it, Esc ends it)");
    case Mode::kLease:
      return absl::StrCat("revoke the lease with the number: ", EscapeControls(input_),
                          "_  (Esc: none)");
    case Mode::kSure:
      return absl::StrCat("revoke lease ", lease_, " of ", subject_, "? y/n");
    case Mode::kPause:
      return absl::StrCat("pause/resume in ", EscapeControls(subject_),
                          ": i interactive, n normal, b background, a all");
    default:
      return "";
  }
}

std::string WatchKeys::RenderFooter(const ViewOptions& options) const {
  const auto line = [&](absl::string_view text, Paint paint) {
    return Painted(FitWidth(text, options.columns), paint, options.color);
  };
  if (const std::string question = Question(); !question.empty()) {
    return line(question, Paint::kStrong);
  }
  if (!told_.empty()) return line(told_, Paint::kCaution);
  std::string state;
  if (!filter_.empty()) absl::StrAppend(&state, "only \"", EscapeControls(filter_), "\" · ");
  if (sort_ != WatchSort::kAsTheyCome) {
    absl::StrAppend(&state, kSorts[static_cast<size_t>(sort_)].name, " · ");
  }
  return line(absl::StrCat(state, "s sort  / filter  p pause  r revoke  ? help  q quit"),
              Paint::kQuiet);
}

}  // namespace zbroker::zctl
