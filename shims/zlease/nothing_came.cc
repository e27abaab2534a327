#include "shims/zlease/nothing_came.h"

#include "absl/strings/str_cat.h"

namespace zbroker::zlease {

std::string NothingCame(absl::string_view name, const process::ChildEnd& end) {
  if (end.exec_errno != 0) return "";
  const std::string fact = absl::StrCat("no request of ", name, " came through its gateway");
  if (end.signal != 0) return absl::StrCat(fact, " before signal ", end.signal, " ended it");
  if (end.exit_status != 0) {
    return absl::StrCat(fact, " before it ended with exit status ", end.exit_status);
  }
  return absl::StrCat(
      fact,
      ". If it made any, they went past zbroker, as when settings of its own name another URL, or "
      "a process that was there before sends them: point these at `zlease gateway`, or take one "
      "lease for the run with --per-command");
}

}  // namespace zbroker::zlease
