#include "client/zctl/lease_view.h"

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

// A gateway that was named after what it serves says nothing new.
std::string NameWithVia(const v1::Holder& holder) {
  const std::string name = HolderName(holder);
  if (holder.via().empty() || holder.via() == holder.program()) return name;
  return absl::StrCat(name, " via ", EscapeControls(holder.via()));
}

// The instant for which the lease was described.
absl::Time Now(const v1::LeaseInfo& lease) {
  return ToTime(lease.granted()) + ToDuration(lease.held());
}

// What of a slot it has.
std::string HeldWords(const v1::LeaseInfo& lease) {
  if (lease.host_lease_id() != 0) return absl::StrCat("in the slot of ", lease.host_lease_id());
  if (lease.shadow()) return "shadow, no slot";
  return lease.trial() ? "held, as a trial" : "held";
}

std::string LeaseIdOrNothing(uint64_t id) { return id == 0 ? "" : absl::StrCat(id); }

}  // namespace

Cell LeaseStateCell(const v1::LeaseInfo& lease) {
  const std::string left =
      lease.has_until() ? zbroker::FormatDuration(ToTime(lease.until()) - Now(lease)) : "";
  const auto with = [&](absl::string_view state, absl::string_view what) {
    return left.empty() ? std::string(state) : absl::StrCat(state, ", ", what, " ", left);
  };
  if (lease.command_runs()) {
    return {with("its command still runs", "free at the latest in"), Paint::kCaution};
  }
  if (lease.state() == v1::LEASE_STATE_QUARANTINED) {
    return {with("quarantined", "free in"), Paint::kCaution};
  }
  // Of an earlier daemon too: its grace does not run while it is stopped.
  if (lease.holder().stopped()) return {"stopped (Ctrl-Z)", Paint::kCaution};
  if (lease.state() == v1::LEASE_STATE_ORPHANED) {
    return {with("orphaned", "lost in"), Paint::kCaution};
  }
  return {with(HeldWords(lease), "ends in"), Paint::kQuiet};
}

std::string RenderLeases(const v1::LeaseList& leases, const ViewOptions& options) {
  if (leases.leases().empty()) return "no leases\n";
  using Align = Table::Align;
  Table table({{.title = "LEASE", .align = Align::kRight},
               {.title = "ACCOUNT", .width_min = 8, .only_if_varied = true},
               {.title = "PROGRAM", .width_min = 8},
               {.title = "PID", .align = Align::kRight, .spare = true},
               {.title = "SESSION", .width_min = 8},
               {.title = "PROJECT", .width_min = 8, .spare = true},
               {.title = "MODEL", .width_min = 7, .spare = true},
               {.title = "KIND", .spare = true},
               {.title = "PRIORITY", .spare = true, .only_if_varied = true},
               {.title = "WEIGHT", .align = Align::kRight, .spare = true, .only_if_varied = true},
               {.title = "TRY", .align = Align::kRight, .spare_last = true},
               {.title = "PARENT", .align = Align::kRight},
               {.title = "SINCE", .spare = true},
               {.title = "FOR", .align = Align::kRight},
               {.title = "STATE", .width_min = 20, .cut_last = true}});
  for (const v1::LeaseInfo& lease : leases.leases()) {
    table.AddRow({{absl::StrCat(lease.lease_id()), Paint::kStrong},
                  {EscapeControls(lease.account())},
                  {NameWithVia(lease.holder())},
                  {HolderPid(lease.holder())},
                  {EscapeControls(lease.session())},
                  {EscapeControls(lease.project())},
                  {EscapeControls(lease.model())},
                  {Word(lease.kind())},
                  {Word(lease.priority())},
                  {WeightOf(lease)},
                  {RetryOf(lease)},
                  {LeaseIdOrNothing(lease.parent_lease_id())},
                  {FormatInstant(ToTime(lease.granted()), Now(lease), options.zone)},
                  {zbroker::FormatDuration(ToDuration(lease.held()))},
                  LeaseStateCell(lease)});
  }
  return table.Render(options);
}

}  // namespace zbroker::zctl
