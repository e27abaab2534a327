// What the daemon stands on: the directory, the ledger, room, clocks.
#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/duration.h"
#include "shims/doctor/rule_parts.h"

namespace zbroker::doctor {
namespace {

constexpr uint64_t kMebibyte = uint64_t{1} << 20;
// The log of the ledger alone grows to some MiB before it is copied into it.
constexpr uint64_t kRoomNeeded = 16 * kMebibyte;
constexpr uint64_t kRoomWanted = 256 * kMebibyte;
// Clocks of machines that slept, or start without one, are set by less.
constexpr absl::Duration kStepOfNote = absl::Minutes(1);

void FindRoom(const DirectoryFacts& directory, Findings& out) {
  const std::string path = ShellWord(directory.path);
  if (!directory.has_inodes) {
    out.push_back(Make(Id::kRoomGone, directory.path, {"no more files can be made", path}));
    return;
  }
  if (!directory.bytes_free || *directory.bytes_free >= kRoomWanted) return;
  const std::string left = absl::StrCat(*directory.bytes_free / kMebibyte, " MiB are left");
  const Id id = *directory.bytes_free < kRoomNeeded ? Id::kRoomGone : Id::kRoomLow;
  out.push_back(Make(id, directory.path, {left, path}));
}

void FindInDirectory(const DirectoryFacts& directory, uid_t user, Findings& out) {
  if (!directory.owner) return;
  const std::string path = ShellWord(directory.path);
  if (directory.is_own && *directory.owner != user) {
    out.push_back(Make(Id::kStateForeign, directory.path,
                       {absl::StrCat(*directory.owner), absl::StrCat(user), path}));
  }
  if (directory.others_write) out.push_back(Make(Id::kStateOpen, directory.path, {path}));
  if (!directory.network_type.empty()) {
    out.push_back(Make(Id::kStateOnNetwork, directory.path, {directory.network_type}));
  }
  FindRoom(directory, out);
}

void FindInLedger(const LedgerFacts& ledger, Findings& out) {
  const std::string path = absl::StrCat(ledger.directory, "/ledger.db");
  if (ledger.verdict == LedgerFacts::Verdict::kDamaged) {
    out.push_back(Make(Id::kLedgerDamaged, path, {ledger.words, ShellWord(path)}));
  } else if (ledger.verdict == LedgerFacts::Verdict::kUnread) {
    out.push_back(Make(Id::kLedgerUnchecked, ledger.directory,
                       {ledger.words, ledger.is_late ? "zctl doctor --timeout 10m" : ""}));
  }
}

void FindInClock(const Facts& facts, Findings& out) {
  const LedgerFacts& ledger = facts.ledger;
  for (const GatewayFacts& one : facts.gateways) {
    const absl::Duration off = one.record.clock_off;
    if (off == absl::ZeroDuration()) continue;
    out.push_back(Make(Id::kClockOff, GatewayName(one.record),
                       {absl::StrCat(zbroker::FormatDuration(absl::AbsDuration(off)),
                                     off > absl::ZeroDuration() ? " behind" : " ahead of")}));
  }
  if (ledger.clock_behind >= kStepOfNote) {
    out.push_back(Make(Id::kClockBehind, "clock", {zbroker::FormatDuration(ledger.clock_behind)}));
  }
  const absl::Duration step = ledger.clock_step;
  if (absl::AbsDuration(step) < kStepOfNote) return;
  out.push_back(Make(Id::kClockStepped, "clock",
                     {absl::StrCat(step < absl::ZeroDuration() ? "back by " : "ahead by ",
                                   zbroker::FormatDuration(absl::AbsDuration(step)))}));
}

}  // namespace

void FindInMachine(const Facts& facts, Findings& out) {
  for (const DirectoryFacts& one : facts.directories) FindInDirectory(one, facts.user, out);
  FindInLedger(facts.ledger, out);
  FindInClock(facts, out);
}

}  // namespace zbroker::doctor
