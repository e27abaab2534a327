#include "client/zctl/holder_view.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/lease_view.h"
#include "client/zctl/table.h"

namespace zbroker::zctl {
namespace {

// As many as the daemon sends of the waiters.
constexpr size_t kLeasesShown = 20;
// Deeper nesting is not drawn deeper.
constexpr size_t kDepthShown = 4;

struct Holding {
  const v1::LeaseInfo* lease = nullptr;
  size_t depth = 0;  // 0: it has a slot of its own, or a host that is not there
};

// Hosts before their guests, otherwise as they came.
std::vector<Holding> InOrder(const v1::AccountStatus& account) {
  absl::flat_hash_set<uint64_t> ids;
  for (const v1::LeaseInfo& lease : account.leases()) ids.insert(lease.lease_id());
  absl::flat_hash_map<uint64_t, std::vector<const v1::LeaseInfo*>> guests;
  std::vector<Holding> next;  // a stack
  // From the end, as what comes first has to be on top.
  for (int i = account.leases_size() - 1; i >= 0; --i) {
    const v1::LeaseInfo& lease = account.leases(i);
    if (ids.contains(lease.host_lease_id())) {
      guests[lease.host_lease_id()].push_back(&lease);
    } else {
      next.push_back({&lease, 0});
    }
  }
  std::vector<Holding> all;
  while (!next.empty()) {
    const Holding top = next.back();
    next.pop_back();
    all.push_back(top);
    const auto found = guests.find(top.lease->lease_id());
    if (found == guests.end()) continue;
    for (const v1::LeaseInfo* guest : found->second) next.push_back({guest, top.depth + 1});
  }
  return all;
}

std::string NameOf(const Holding& holding) {
  const std::string name = HolderName(holding.lease->holder());
  if (holding.depth == 0) return name;
  const size_t margin = 2 * (std::min(holding.depth, kDepthShown) - 1);
  return absl::StrCat(std::string(margin, ' '), "└ ", name);
}

}  // namespace

std::string MoreLine(uint32_t count, absl::string_view command, const ViewOptions& options) {
  const std::string text = absl::StrCat("… ", count, " more: zctl ", command);
  return absl::StrCat(std::string(kIndent, ' '), Painted(text, Paint::kQuiet, options.color), "\n");
}

std::string RenderHolders(const v1::AccountStatus& account, const ViewOptions& options) {
  if (account.leases().empty()) return "";
  using Align = Table::Align;
  Table table({{.title = "LEASE", .align = Align::kRight},
               {.title = "HELD BY", .width_min = 8},
               {.title = "PID", .align = Align::kRight, .spare = true},
               {.title = "SESSION", .width_min = 8},
               {.title = "PROJECT", .width_min = 8, .spare = true},
               {.title = "MODEL", .width_min = 7, .spare = true},
               {.title = "FOR", .align = Align::kRight},
               {.title = "STATE", .width_min = 12, .cut_last = true}},
              kIndent);
  const std::vector<Holding> all = InOrder(account);
  const size_t shown = std::min(all.size(), kLeasesShown);
  for (size_t i = 0; i < shown; ++i) {
    const v1::LeaseInfo& lease = *all[i].lease;
    table.AddRow({{absl::StrCat(lease.lease_id())},
                  {NameOf(all[i]), Paint::kStrong},
                  {HolderPid(lease.holder())},
                  {EscapeControls(lease.session())},
                  {EscapeControls(lease.project())},
                  {EscapeControls(lease.model())},
                  {zbroker::FormatDuration(ToDuration(lease.held()))},
                  LeaseStateCell(lease)});
  }
  std::string out = absl::StrCat("\n", table.Render(options));
  const auto more = static_cast<uint32_t>(all.size() - shown);
  if (more > 0) absl::StrAppend(&out, MoreLine(more, "leases", options));
  return out;
}

}  // namespace zbroker::zctl
