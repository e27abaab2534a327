#include "client/zctl/limit_view.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/zctl/table.h"

namespace zbroker::zctl {
namespace {

absl::string_view Origin(const v1::SlotsStatus& slots) {
  if (slots.pinned()) return "pinned with zctl";
  return slots.learned() ? "learned" : "configuration";
}

}  // namespace

std::string RenderLimits(const v1::Status& status, const ViewOptions& options) {
  using Align = Table::Align;
  Table table({{.title = "ACCOUNT", .width_min = 8},
               {.title = "LIMIT", .align = Align::kRight},
               {.title = "IN FLIGHT", .align = Align::kRight},
               {.title = "WAITING", .align = Align::kRight},
               {.title = "FROM"}});
  for (const v1::AccountStatus& account : status.accounts()) {
    const v1::SlotsStatus& slots = account.slots();
    table.AddRow({{EscapeControls(account.name())},
                  {absl::StrCat(slots.limit()), Paint::kStrong},
                  {absl::StrCat(slots.in_flight())},
                  {absl::StrCat(slots.waiting())},
                  {std::string(Origin(slots)), slots.pinned() ? Paint::kCaution : Paint::kPlain}});
  }
  return table.Render(options);
}

}  // namespace zbroker::zctl
