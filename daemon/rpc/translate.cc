#include "daemon/rpc/translate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client/base/proto_time.h"
#include "client/base/random.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/core/clients.h"

namespace zbroker::rpc {
namespace {

constexpr double kLargestWeight = 1e6;
// All that a connection may hold.
constexpr int kReclaimsMax = core::Clients::kConnectionShareMax;
constexpr absl::Duration kTtlDefault = absl::Seconds(60);
constexpr absl::Duration kTtlShortest = absl::Seconds(1);
constexpr absl::Duration kTtlLongest = absl::Hours(1);
// Nobody has waited for longer.
constexpr absl::Duration kLongestWait = absl::Hours(24);

template <typename Core, typename Proto>
struct Pair {
  Core core;
  Proto proto;
};

constexpr Pair<core::Kind, v1::Kind> kKinds[] = {{core::Kind::kPrompt, v1::KIND_PROMPT},
                                                 {core::Kind::kCall, v1::KIND_CALL},
                                                 {core::Kind::kMcp, v1::KIND_MCP}};
constexpr Pair<core::Priority, v1::Priority> kPriorities[] = {
    {core::Priority::kInteractive, v1::PRIORITY_INTERACTIVE},
    {core::Priority::kNormal, v1::PRIORITY_NORMAL},
    {core::Priority::kBackground, v1::PRIORITY_BACKGROUND}};
constexpr Pair<core::Outcome, v1::Outcome> kOutcomes[] = {
    {core::Outcome::kOk, v1::OUTCOME_OK},
    {core::Outcome::kFailed, v1::OUTCOME_FAILED},
    {core::Outcome::kCancelled, v1::OUTCOME_CANCELLED},
    {core::Outcome::kThrottle, v1::OUTCOME_THROTTLE},
    {core::Outcome::kOverload, v1::OUTCOME_OVERLOAD},
    {core::Outcome::kWall, v1::OUTCOME_WALL},
    {core::Outcome::kBreaker, v1::OUTCOME_BREAKER},
    {core::Outcome::kTerminal, v1::OUTCOME_TERMINAL},
    {core::Outcome::kTransient, v1::OUTCOME_TRANSIENT},
    {core::Outcome::kLost, v1::OUTCOME_LOST},
    {core::Outcome::kRevoked, v1::OUTCOME_REVOKED}};
constexpr Pair<core::LeaseState, v1::LeaseState> kStates[] = {
    {core::LeaseState::kHeld, v1::LEASE_STATE_HELD},
    {core::LeaseState::kOrphaned, v1::LEASE_STATE_ORPHANED},
    {core::LeaseState::kQuarantined, v1::LEASE_STATE_QUARANTINED}};
constexpr Pair<core::WaitReason, v1::WaitReason> kReasons[] = {
    {core::WaitReason::kSlots, v1::WAIT_REASON_SLOTS},
    {core::WaitReason::kWindow, v1::WAIT_REASON_WINDOW},
    {core::WaitReason::kPaused, v1::WAIT_REASON_PAUSED},
    {core::WaitReason::kOrder, v1::WAIT_REASON_ORDER},
    {core::WaitReason::kBlocked, v1::WAIT_REASON_BLOCKED},
    {core::WaitReason::kPool, v1::WAIT_REASON_POOL},
    {core::WaitReason::kSession, v1::WAIT_REASON_SESSION},
    {core::WaitReason::kReserved, v1::WAIT_REASON_RESERVED},
    {core::WaitReason::kPacing, v1::WAIT_REASON_PACING},
    {core::WaitReason::kPace, v1::WAIT_REASON_PACE},
    {core::WaitReason::kOffPeak, v1::WAIT_REASON_OFF_PEAK}};
constexpr Pair<core::Scope, v1::Scope> kScopes[] = {{core::Scope::kAccount, v1::SCOPE_ACCOUNT},
                                                    {core::Scope::kModel, v1::SCOPE_MODEL},
                                                    {core::Scope::kKind, v1::SCOPE_KIND}};
constexpr Pair<core::BlockReason, v1::BlockReason> kBlockReasons[] = {
    {core::BlockReason::kCoolDown, v1::BLOCK_REASON_COOL_DOWN},
    {core::BlockReason::kOverload, v1::BLOCK_REASON_OVERLOAD},
    {core::BlockReason::kWall, v1::BLOCK_REASON_WALL},
    {core::BlockReason::kBreaker, v1::BLOCK_REASON_BREAKER},
    {core::BlockReason::kPlan, v1::BLOCK_REASON_PLAN}};

template <typename Core, typename Proto, size_t kSize>
Proto Look(const Pair<Core, Proto> (&pairs)[kSize], Core value) {
  for (const auto& pair : pairs) {
    if (pair.core == value) return pair.proto;
  }
  return Proto{};
}

template <typename Core, typename Proto, size_t kSize>
std::optional<Core> LookBack(const Pair<Core, Proto> (&pairs)[kSize], Proto value) {
  for (const auto& pair : pairs) {
    if (pair.proto == value) return pair.core;
  }
  return std::nullopt;
}

template <typename Core, typename Proto, size_t kSize>
absl::StatusOr<Core> Check(absl::string_view what, const Pair<Core, Proto> (&pairs)[kSize],
                           Proto value, Core if_unspecified) {
  if (value == Proto{}) return if_unspecified;
  if (const auto known = LookBack(pairs, value)) return *known;
  return absl::InvalidArgumentError(
      absl::StrCat(what, " ", static_cast<int>(value), " is not one this daemon knows"));
}

// The time of day, and the date when that is not plain.
std::string FormatInstant(absl::Time at, absl::Time now) {
  const absl::string_view format = at - now < absl::Hours(20) ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S";
  // A reading of two clocks is a few microseconds off: a full hour is to read as one.
  return absl::FormatTime(format, at + absl::Milliseconds(1), absl::LocalTimeZone());
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  SetProtoTime(time, &out);
  return out;
}

google::protobuf::Duration ToProto(absl::Duration length) {
  google::protobuf::Duration out;
  SetProtoDuration(length, &out);
  return out;
}

absl::StatusOr<absl::Time> FromProto(absl::string_view what,
                                     const google::protobuf::Timestamp& time) {
  if (time.seconds() < kFirstProtoSecond || time.seconds() > kLastProtoSecond || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is not a valid Timestamp"));
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<absl::Duration> FromProto(absl::string_view what,
                                         const google::protobuf::Duration& length) {
  if (length.seconds() < -kLongestProtoSeconds || length.seconds() > kLongestProtoSeconds ||
      std::abs(int64_t{length.nanos()}) > 999'999'999) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is not a valid Duration"));
  }
  return absl::Seconds(length.seconds()) + absl::Nanoseconds(length.nanos());
}

v1::Kind ToProto(core::Kind kind) { return Look(kKinds, kind); }
v1::Priority ToProto(core::Priority priority) { return Look(kPriorities, priority); }
v1::Outcome ToProto(core::Outcome outcome) { return Look(kOutcomes, outcome); }
v1::LeaseState ToProto(core::LeaseState state) { return Look(kStates, state); }
v1::WaitReason ToProto(core::WaitReason reason) { return Look(kReasons, reason); }

absl::StatusOr<std::optional<core::Outcome>> FromProto(v1::Outcome outcome) {
  if (outcome == v1::OUTCOME_UNSPECIFIED) return std::nullopt;
  ZB_ASSIGN_OR_RETURN(const core::Outcome known,
                      Check("outcome", kOutcomes, outcome, core::Outcome::kOk));
  return known;
}

v1::Pause ToProto(const core::Pause& pause, const Now& now) {
  v1::Pause out;
  v1::Part& part = *out.mutable_part();
  if (pause.part.priority) part.set_priority(ToProto(*pause.part.priority));
  part.set_session(pause.part.session);
  part.set_program(pause.part.program);
  out.set_detail(core::DescribePause(pause.part));
  if (pause.until != BootTime::InfiniteFuture()) {
    *out.mutable_until() = ToProto(now.WallAt(pause.until));
  }
  return out;
}

absl::StatusOr<core::Part> FromProto(const v1::Part& part) {
  ZB_RETURN_IF_ERROR(CheckName("session", part.session()));
  ZB_RETURN_IF_ERROR(CheckName("program", part.program()));
  core::Part known{.session = part.session(), .program = part.program()};
  if (part.priority() == v1::PRIORITY_UNSPECIFIED) return known;
  ZB_ASSIGN_OR_RETURN(known.priority,
                      Check("priority", kPriorities, part.priority(), core::Priority::kNormal));
  return known;
}

absl::StatusOr<core::Scope> FromProto(v1::Scope scope) {
  return Check("scope", kScopes, scope, core::Scope::kAccount);
}

std::string DescribeWait(const core::WaitState& state, const Now& now) {
  std::string text = core::Describe(state);
  if (!state.until) return text;
  const bool pacing = state.reason == core::WaitReason::kPacing;
  return absl::StrCat(text, pacing ? "; the next is at " : " until ",
                      FormatInstant(now.WallAt(*state.until), now.wall));
}

absl::Status RefusalOf(const core::Refused& refused, const Now& now) {
  const auto until = refused.block ? std::optional(refused.block->until) : refused.until;
  if (!until) return refused.status;
  return absl::Status(refused.status.code(),
                      absl::StrCat(refused.status.message(), "; until ",
                                   FormatInstant(now.WallAt(*until), now.wall)));
}

v1::Block ToProto(const core::Block& block, const Now& now) {
  v1::Block out;
  out.set_reason(Look(kBlockReasons, block.reason));
  if (block.scope == core::Scope::kModel) out.set_model(block.model);
  if (block.scope == core::Scope::kKind) out.set_kind(ToProto(block.kind));
  *out.mutable_until() = ToProto(now.WallAt(block.until));
  out.set_upstream_code(block.upstream_code);
  out.set_detail(block.detail);
  return out;
}

absl::StatusOr<core::Acquire> ToCommand(const v1::Acquire& acquire, const core::Client& client,
                                        const Now& now) {
  ZB_RETURN_IF_ERROR(CheckName("ticket", acquire.ticket()));
  if (acquire.ticket().empty()) return absl::InvalidArgumentError("ticket is empty");
  ZB_RETURN_IF_ERROR(CheckName("account", acquire.account()));
  ZB_RETURN_IF_ERROR(CheckName("model", acquire.model()));
  ZB_RETURN_IF_ERROR(CheckName("session", acquire.session()));
  ZB_RETURN_IF_ERROR(CheckName("program", acquire.program()));
  ZB_RETURN_IF_ERROR(CheckName("parent_session", acquire.parent_session()));
  ZB_RETURN_IF_ERROR(CheckName("project", acquire.project()));
  core::Acquire command;
  command.client = client;
  command.request = {.ticket = acquire.ticket(),
                     .account = acquire.account(),
                     .model = acquire.model(),
                     .session = acquire.session(),
                     .parent = acquire.parent_lease_id()};
  ZB_ASSIGN_OR_RETURN(command.request.kind,
                      Check("kind", kKinds, acquire.kind(), core::Kind::kPrompt));
  ZB_ASSIGN_OR_RETURN(command.request.priority,
                      Check("priority", kPriorities, acquire.priority(), core::Priority::kNormal));
  command.priority_given = acquire.priority() != v1::PRIORITY_UNSPECIFIED;
  command.background = acquire.background();
  command.program = acquire.program();
  command.parent_session = acquire.parent_session();
  command.request.program = acquire.program();
  command.request.program_pid = std::max(acquire.program_pid(), 0);
  command.request.project = acquire.project();
  command.takes_throttles = acquire.takes_throttles();
  command.reports = acquire.reports() || acquire.takes_throttles();
  if (acquire.has_weight()) {
    const auto weight = core::Amount::FromDouble(acquire.weight());
    if (!weight || acquire.weight() > kLargestWeight) {
      return absl::InvalidArgumentError(
          absl::StrCat("weight ", acquire.weight(), " is not a number from 0 to ", kLargestWeight));
    }
    command.request.weight = *weight;
  }
  if (acquire.has_deadline()) {
    ZB_ASSIGN_OR_RETURN(const absl::Time deadline, FromProto("deadline", acquire.deadline()));
    command.deadline = now.BootAt(deadline);
  }
  if (acquire.has_patience()) {
    ZB_ASSIGN_OR_RETURN(const absl::Time patience, FromProto("patience", acquire.patience()));
    command.request.patience = now.BootAt(patience);
  }
  command.no_wait = acquire.no_wait();
  command.hold_until_reset = acquire.hold_until_reset();
  if (acquire.arrival_boot_us() != 0) {
    // Only a hint: one that can't be is brought to the nearest that can.
    const BootTime earliest = std::max(BootTime(), now.boot - kLongestWait);
    command.arrival = std::clamp(BootTime::FromMicros(acquire.arrival_boot_us()), earliest,
                                 std::max(earliest, now.boot));
  }
  return command;
}

absl::StatusOr<core::Acquire> ToCommand(const v1::UnaryAcquireRequest& request,
                                        const core::Client& client, const Now& now) {
  ZB_RETURN_IF_ERROR(CheckName("client_name", request.client_name()));
  v1::Acquire acquire = request.acquire();
  if (acquire.ticket().empty()) acquire.set_ticket(RandomHex());
  ZB_ASSIGN_OR_RETURN(core::Acquire command, ToCommand(acquire, client, now));
  if (!request.client_name().empty()) command.client.holder.program = request.client_name();
  command.request.ttl = kTtlDefault;
  if (request.has_ttl()) {
    ZB_ASSIGN_OR_RETURN(command.request.ttl, FromProto("ttl", request.ttl()));
    if (command.request.ttl < kTtlShortest || command.request.ttl > kTtlLongest) {
      return absl::InvalidArgumentError("ttl is not from 1 s to 1 h");
    }
  }
  return command;
}

absl::StatusOr<core::Hello> ToCommand(const v1::Hello& hello, const core::Client& client) {
  if (hello.reclaims_size() > kReclaimsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("hello names ", hello.reclaims_size(), " leases; at most ", kReclaimsMax));
  }
  core::Hello command{.client = client};
  for (const v1::Reclaim& reclaim : hello.reclaims()) {
    ZB_RETURN_IF_ERROR(CheckName("reclaims.ticket", reclaim.ticket()));
    command.reclaims.push_back({reclaim.lease_id(), reclaim.ticket()});
  }
  return command;
}

v1::ReleaseReply ToProto(const core::Released& released) {
  v1::ReleaseReply out;
  out.set_lease_id(released.lease);
  if (released.outcome) out.set_outcome(ToProto(*released.outcome));
  out.set_already_ended(released.already_ended);
  return out;
}

std::optional<v1::SessionReply> ToSessionReply(const core::Event& event, const Now& now) {
  v1::SessionReply reply;
  if (const auto* welcome = std::get_if<core::Welcome>(&event)) {
    auto* out = reply.mutable_welcome();
    out->set_daemon_version(ZBROKER_VERSION);
    for (const core::LeaseId id : welcome->reclaimed) out->add_reclaimed(id);
  } else if (const auto* queued = std::get_if<core::Queued>(&event)) {
    auto* out = reply.mutable_queued();
    out->set_ticket(queued->ticket);
    out->set_position(queued->state.position);
    out->set_reason(ToProto(queued->state.reason));
    out->set_detail(DescribeWait(queued->state, now));
    if (queued->state.estimate) *out->mutable_estimate() = ToProto(*queued->state.estimate);
    out->set_arrival_boot_us(queued->arrival.micros());
  } else if (const auto* granted = std::get_if<core::Granted>(&event)) {
    auto* out = reply.mutable_granted();
    out->set_ticket(granted->ticket);
    out->set_lease_id(granted->lease);
    out->set_account(granted->account);
    *out->mutable_waited() = ToProto(granted->waited);
    out->set_shadow(granted->shadow);
  } else if (const auto* refused = std::get_if<core::Refused>(&event)) {
    auto* out = reply.mutable_refused();
    out->set_ticket(refused->ticket);
    out->set_code(static_cast<uint32_t>(refused->status.raw_code()));
    out->set_message(std::string(RefusalOf(*refused, now).message()));
    if (refused->block) *out->mutable_block() = ToProto(*refused->block, now);
  } else if (const auto* released = std::get_if<core::Released>(&event)) {
    *reply.mutable_released() = ToProto(*released);
  } else if (const auto* revoked = std::get_if<core::Revoked>(&event)) {
    auto* out = reply.mutable_revoked();
    out->set_lease_id(revoked->lease);
    out->set_message("revoked by an administrator");
  } else if (const auto* failed = std::get_if<core::Failed>(&event)) {
    auto* out = reply.mutable_failed();
    out->set_lease_id(failed->lease);
    out->set_code(static_cast<uint32_t>(failed->status.raw_code()));
    out->set_message(std::string(failed->status.message()));
  } else if (std::holds_alternative<core::GoingDown>(event)) {
    reply.mutable_going_down()->set_message("the daemon is going down");
  } else {
    return std::nullopt;
  }
  return reply;
}

}  // namespace zbroker::rpc
