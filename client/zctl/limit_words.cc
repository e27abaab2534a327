#include "client/zctl/limit_words.h"

#include "absl/strings/str_cat.h"

namespace zbroker::zctl {

absl::string_view LimitOrigin(const v1::SlotsStatus& slots) {
  if (slots.pinned()) return "pinned";
  if (slots.learned()) return "learned";
  return slots.source() == "scheduled" ? "scheduled" : "configured";
}

std::string DescribeLimit(const v1::SlotsStatus& slots) {
  std::string text = absl::StrCat("limit ", slots.limit(), ", ", LimitOrigin(slots));
  if (slots.pinned() || slots.learned()) {
    absl::StrAppend(&text, "; configured ", slots.configured());
  }
  return text;
}

}  // namespace zbroker::zctl
