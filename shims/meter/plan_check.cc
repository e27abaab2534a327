#include "shims/meter/plan_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/proto_time.h"
#include "shims/zai/plan.h"

namespace zbroker::meter {
namespace {

constexpr double kShareApart = 0.01;

bool IsKnownPlan(const std::string& word) {
  return std::ranges::find(zai::Plans(), word) != zai::Plans().end();
}

bool IsSameLimit(const v1::WindowStatus& window, const v1::MeterReading& reading) {
  return window.unit() == reading.unit() && window.months() == reading.months() &&
         window.length().seconds() == reading.length().seconds();
}

std::string Figure(double figure) {
  return figure == std::floor(figure) ? absl::StrCat(static_cast<int64_t>(figure))
                                      : absl::StrCat(figure);
}

std::string InitCommand(absl::string_view plan, const std::string& account) {
  return absl::StrCat("zctl init --plan ", plan,
                      account == "default" ? "" : absl::StrCat(" --account ", account));
}

// The first limit of the plan's that the meter contradicts.
std::optional<PlanTrouble> CheckLimits(const ConfiguredPlan& configured,
                                       const v1::AccountStatus& account) {
  for (const v1::WindowStatus& window : account.windows()) {
    if (window.enforce() != "probe" || window.limit() <= 0) continue;
    for (const v1::MeterReading& reading : account.meter().readings()) {
      if (!IsSameLimit(window, reading) || reading.limit() <= 0) continue;
      if (std::abs(window.limit() - reading.limit()) <= kShareApart * reading.limit()) continue;
      const absl::string_view plan =
          zai::PlanThatAllows(reading.unit(), FromProtoDuration(reading.length()), reading.limit());
      PlanTrouble trouble{
          .configured = absl::StrCat("window ", window.name(), " is kept to ",
                                     Figure(window.limit()), " ", window.unit()),
          .metered = absl::StrCat("allows ", Figure(reading.limit()),
                                  plan.empty() ? "" : absl::StrCat(", as plan ", plan, " does"))};
      if (configured.plan.empty()) {
        trouble.fix = absl::StrCat("put `limit = ", Figure(reading.limit()), "` for it in ",
                                   configured.file, ", then `zctl reload`");
      } else if (plan.empty()) {
        trouble.fix = absl::StrCat(InitCommand("PLAN", account.name()),
                                   "  (that was bought; now it says ", configured.plan, ")");
      } else {
        trouble.fix = InitCommand(plan, account.name());
      }
      return trouble;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PlanTrouble> CheckPlan(const ConfiguredPlan& configured, const std::string& level,
                                     const v1::AccountStatus& account) {
  const std::string said = absl::AsciiStrToLower(level);
  if (configured.plan.empty() || !IsKnownPlan(said)) return CheckLimits(configured, account);
  if (said == configured.plan) return std::nullopt;
  return PlanTrouble{.configured = absl::StrCat("the configuration says plan ", configured.plan),
                     .metered = absl::StrCat("says ", said),
                     .fix = InitCommand(said, account.name())};
}

std::string Describe(const PlanTrouble& trouble) {
  return absl::StrCat(trouble.configured, ", and the provider's meter ", trouble.metered,
                      ": quotas are kept to the wrong figures; mend it: ", trouble.fix);
}

}  // namespace zbroker::meter
