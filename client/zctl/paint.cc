#include "client/zctl/paint.h"

#include "absl/strings/str_cat.h"

namespace zbroker::zctl {
namespace {

// Of the eight basic colors only those that can be read on dark and on light backgrounds.
absl::string_view CodeFor(Paint paint) {
  switch (paint) {
    case Paint::kPlain:
      return "";
    case Paint::kQuiet:
      return "\x1b[2m";
    case Paint::kStrong:
      return "\x1b[1m";
    case Paint::kGood:
      return "\x1b[32m";
    case Paint::kCaution:
      return "\x1b[33m";
    case Paint::kAlarm:
      return "\x1b[1;31m";
  }
  return "";
}

}  // namespace

std::string Painted(absl::string_view text, Paint paint, bool color) {
  if (!color || paint == Paint::kPlain || text.empty()) return std::string(text);
  return absl::StrCat(CodeFor(paint), text, "\x1b[0m");
}

}  // namespace zbroker::zctl
