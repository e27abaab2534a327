#include "daemon/check.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "client/base/process.h"
#include "client/base/text.h"
#include "daemon/config/load.h"
#include "daemon/ledger/inspect.h"

namespace zbroker {
namespace {

class Lines {
 public:
  explicit Lines(std::ostream& out) : out_(out) {}

  void Write(absl::string_view what, absl::string_view words) {
    out_ << what << ": " << EscapeControls(words) << std::endl;
  }

 private:
  std::ostream& out_;
};

bool CheckConfig(const std::string& file, Lines& lines) {
  const absl::Status status = config::LoadConfig(file).status();
  if (status.ok()) {
    lines.Write("configuration", "sound");
    return true;
  }
  // Whose daemon reads it may have the right to.
  const bool is_hidden = absl::IsPermissionDenied(status);
  lines.Write(is_hidden ? "configuration unread" : "configuration", status.message());
  return is_hidden;
}

void TellClock(ledger::Inspection& inspection, Lines& lines) {
  const auto evidence = inspection.Clock(ReadBootId(), Clock::System().Read());
  if (!evidence.ok()) return;  // whatever is wrong shows when all is read
  const auto tell = [&](absl::string_view what, absl::Duration length) {
    const int64_t seconds = absl::ToInt64Seconds(length);
    if (seconds != 0) lines.Write(what, absl::StrCat(seconds));
  };
  tell("clock step", evidence->step);
  tell("clock behind", evidence->ahead);
}

bool CheckLedger(const std::string& path, Lines& lines) {
  auto inspection = ledger::Inspection::Begin(path);
  absl::Status status = inspection.status();
  if (absl::IsNotFound(status)) {
    lines.Write("ledger", "none");
    return true;
  }
  if (status.ok()) {
    TellClock(*inspection, lines);
    status = inspection->CheckAll();
  }
  const bool is_wrong = absl::IsDataLoss(status) || absl::IsFailedPrecondition(status);
  if (status.ok()) {
    lines.Write("ledger", "sound");
  } else {
    lines.Write(is_wrong ? "ledger" : "ledger unread", status.message());
  }
  return !is_wrong;
}

}  // namespace

bool Check(const std::string& config_file, const std::string& state_directory, std::ostream& out) {
  Lines lines(out);
  const bool config_is_sound = CheckConfig(config_file, lines);
  return CheckLedger(absl::StrCat(state_directory, "/ledger.db"), lines) && config_is_sound;
}

}  // namespace zbroker
