#include "shims/meter/outcome.h"

#include "client/base/proto_time.h"
#include "shims/meter/plan_check.h"

namespace zbroker::meter {
namespace {

constexpr uint32_t kSchemaVersion = 1;

v1::MeterWindow ToMeterWindow(const v1::WindowStatus& window) {
  v1::MeterWindow out;
  out.set_name(window.name());
  out.set_unit(window.unit());
  out.set_limit(window.limit());
  out.set_ours(window.used() - window.meter().foreign());
  out.set_foreign(window.meter().foreign());
  out.set_metered(window.has_meter());
  out.set_provider(window.meter().percent());
  out.set_used_up(window.meter().used_up());
  if (window.has_reset()) *out.mutable_reset() = window.reset();
  return out;
}

void AddAccount(const v1::AccountStatus& account, const Source& source, absl::Duration apart,
                v1::MeterOutcome& out) {
  out.set_account(account.name());
  const v1::MeterStatus& meter = account.meter();
  if (meter.has_asked()) *out.mutable_asked_at() = meter.asked();
  if (const absl::Time heard = LastHeard(meter); heard > absl::InfinitePast()) {
    SetProtoTime(heard + apart, out.mutable_next_ask_at());
  }
  *out.mutable_readings() = meter.readings();
  for (const v1::WindowStatus& window : account.windows()) {
    *out.add_windows() = ToMeterWindow(window);
  }
  if (const auto trouble = CheckPlan(source.plan, out.level(), account))
    out.set_advice(Describe(*trouble));
}

}  // namespace

absl::string_view StateWord(Reader::Round::State state) {
  using State = Reader::Round::State;
  switch (state) {
    case State::kRead:
      return "read";
    case State::kSilent:
      return "silent";
    case State::kNotAsked:
      return "not_asked";
    case State::kNoDaemon:
      return "no_daemon";
    case State::kTrouble:
      break;
  }
  return "trouble";
}

v1::MeterOutcome MakeOutcome(const Reader::Round& round, const Source& source,
                             const std::optional<v1::AccountStatus>& account,
                             absl::Duration apart) {
  v1::MeterOutcome out;
  out.set_state(std::string(StateWord(round.state)));
  out.set_message(round.words);
  out.set_schema_version(kSchemaVersion);
  out.set_error(round.error);
  out.set_host(source.origin);
  out.set_plan(source.plan.plan);
  out.set_level(round.level);
  if (account) AddAccount(*account, source, apart, out);
  for (const v1::Block& wall : round.lifted) *out.add_lifted() = wall;
  return out;
}

}  // namespace zbroker::meter
