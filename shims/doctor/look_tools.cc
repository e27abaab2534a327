#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/config/document.h"
#include "client/config/first_error.h"
#include "client/config/table_reader.h"
#include "shims/doctor/looks.h"
#include "shims/setup/diff.h"
#include "shims/setup/history.h"
#include "shims/setup/installed.h"
#include "shims/setup/list.h"
#include "shims/tools/known_gateway.h"

namespace zbroker::doctor {
namespace {

constexpr const char* kVariables[] = {"ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "CLINE_API_BASE_URL",
                                      "Z_AI_BASE_URL",      "Z_AI_MODE",       "PLATFORM_MODE"};
constexpr int kLimitMax = 1000;

// Whether it is what a zlease above us has put into the environment, for its command alone.
bool IsOfThisRun(absl::string_view url, const tools::Surroundings& surroundings) {
  const std::string gateway = surroundings.Variable(tools::kGatewayVariable).value_or("");
  return !gateway.empty() && absl::StartsWith(url, gateway);
}

// The machine as it was before the last set-up of a tool.
class BeforeSetUp : public tools::Surroundings {
 public:
  BeforeSetUp(const tools::Surroundings& now, std::vector<setup::Change> changes)
      : now_(now), changes_(std::move(changes)) {}

  std::optional<std::string> Variable(const std::string& name) const override {
    return now_.Variable(name);
  }
  absl::StatusOr<std::string> ReadFile(const std::string& path) const override {
    const auto change = std::ranges::find(changes_, path, &setup::Change::path);
    if (change == changes_.end()) return now_.ReadFile(path);
    if (!change->before) return absl::NotFoundError(path);
    return *change->before;
  }
  std::vector<std::string> ListDirectory(const std::string& path) const override {
    return now_.ListDirectory(path);
  }
  bool Exists(const std::string& path) const override { return now_.Exists(path); }
  std::string home() const override { return now_.home(); }
  std::string directory() const override { return now_.directory(); }
  std::string state_directory() const override { return now_.state_directory(); }
  std::string config_path() const override { return now_.config_path(); }

 private:
  const tools::Surroundings& now_;
  const std::vector<setup::Change> changes_;
};

// What the tool's routes were before set-up changed its settings; none if it did not.
std::vector<tools::Route> RoutesBefore(const tools::Tool& tool,
                                       const tools::Surroundings& surroundings) {
  const auto last = setup::History(surroundings.state_directory(), setup::SetUpName(tool)).Last();
  if (!last.ok() || !last->has_value()) return {};
  return tool.look(BeforeSetUp(surroundings, (*last)->changes)).routes;
}

ToolFacts LookAtTool(const tools::Tool& tool, const tools::Surroundings& surroundings) {
  tools::Look look = tool.look(surroundings);
  ToolFacts facts{.name = setup::SetUpName(tool),
                  .command = std::string(tool.name),
                  .path = setup::FindInstalled(tool).path,
                  .file = std::move(look.file)};
  std::ranges::copy_if(look.overridden, std::back_inserter(facts.overridden),
                       [&](const auto& one) { return !IsOfThisRun(one.url, surroundings); });
  const std::vector<tools::Route> before = RoutesBefore(tool, surroundings);
  for (tools::Route& route : look.routes) {
    RouteFacts one{.route = std::move(route)};
    one.through_ours =
        tools::IsKnownGateway(one.route.url, surroundings.state_directory(), surroundings);
    one.behind_token = tools::BehindToken(one.route.url);
    const auto same = std::ranges::find(before, one.route.what, &tools::Route::what);
    if (same != before.end() && !tools::BehindToken(same->url)) one.before = same->url;
    facts.routes.push_back(std::move(one));
  }
  for (const std::string& remark : look.remarks) {
    facts.remarks.push_back(setup::MaskSecrets(remark));
  }
  return facts;
}

AccountSettings ReadAccount(config::TableReader& table) {
  AccountSettings account{.name = table.key()};
  account.plan = table.Name("plan").value_or("");
  account.has_plan = !account.plan.empty();
  if (const auto upstream = table.Url("upstream")) account.upstream = upstream->text();
  if (auto slots = table.Table("slots")) {
    account.floor = slots->Integer("min", 1, kLimitMax).value_or(1);
  }
  return account;
}

}  // namespace

ToolsSeen LookAtTools() {
  ToolsSeen seen;
  const auto surroundings = tools::Surroundings::OfProcess();
  for (const tools::Tool* tool : tools::AllTools()) {
    seen.tools.push_back(LookAtTool(*tool, *surroundings));
  }
  for (const char* name : kVariables) {
    const auto value = surroundings->Variable(name);
    if (!value || value->empty() || IsOfThisRun(*value, *surroundings)) continue;
    seen.environment.emplace_back(name, *value);
  }
  seen.has_gateway_service =
      surroundings->Exists("/run/systemd/system") &&
      (surroundings->Exists(surroundings->home() +
                            "/.config/systemd/user/zlease-gateway.service") ||
       surroundings->Exists("/usr/lib/systemd/user/zlease-gateway.service"));
  return seen;
}

ConfigFacts LookAtConfig() {
  const auto surroundings = tools::Surroundings::OfProcess();
  ConfigFacts facts{.file = surroundings->config_path()};
  if (facts.file.empty()) return facts;
  const auto text = surroundings->ReadFile(facts.file);
  facts.has_file = !absl::IsNotFound(text.status());
  if (!text.ok()) return facts;
  const auto document = config::Document::Parse(*text, facts.file);
  if (!document.ok()) return facts;
  config::FirstError errors(facts.file);
  config::TableReader root(document->root(), errors);
  auto table = root.Table("account");
  if (!table) return facts;
  for (config::TableReader& member : table->Members()) {
    facts.accounts.push_back(ReadAccount(member));
  }
  return facts;
}

}  // namespace zbroker::doctor
