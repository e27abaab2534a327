#include "shims/mcp/plan.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "shims/tools/known_gateway.h"
#include "shims/tools/launcher.h"
#include "shims/tools/loopback.h"
#include "shims/tools/mcp_tools.h"
#include "shims/tools/url.h"
#include "shims/zai/printable.h"

namespace zbroker::mcp {
namespace {

using tools::Surroundings;

// As @z_ai/mcp-server 0.1.5 has them.
constexpr char kModelServer[] = "@z_ai/mcp-server";
constexpr char kModelServerProgram[] = "zai-mcp-server";
constexpr char kBaseUrlVariable[] = "Z_AI_BASE_URL";
// Either makes it ignore the former; the first that is not empty says which platform it is.
constexpr const char* kModeVariables[] = {"PLATFORM_MODE", "Z_AI_MODE"};
constexpr absl::string_view kZaiModes[] = {"Z_AI", "ZAI", "Z"};
constexpr absl::string_view kZhipuModes[] = {"ZHIPU_AI", "ZHIPUAI", "ZHIPU", "BIGMODEL"};
constexpr absl::string_view kZaiUrl = "https://api.z.ai/api/paas/v4";
constexpr absl::string_view kZhipuUrl = "https://open.bigmodel.cn/api/paas/v4";

// What a call has of the time that its client gives it, and what most clients give.
constexpr absl::Duration kUsualToolTimeout = absl::Seconds(60);
constexpr double kShareOfWaiting = 2.0 / 3;

constexpr size_t kProgramBytesMax = 64;
// Programs whose name says nothing of what they run.
constexpr absl::string_view kInterpreters[] = {"node", "python", "python3", "uv",   "uvx",
                                               "bun",  "deno",   "sh",      "bash", "docker"};

template <size_t count>
bool IsOneOf(const absl::string_view (&words)[count], absl::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

bool CallsModels(const std::vector<std::string>& command) {
  return std::ranges::any_of(command, [](const std::string& word) {
    return tools::PackageName(word) == kModelServer || BaseName(word) == kModelServerProgram ||
           absl::StrContains(word, absl::StrCat("/", kModelServer, "/"));
  });
}

std::string ProgramName(const std::vector<std::string>& command) {
  const std::optional<tools::Launched> launched = tools::FindLaunched(command);
  size_t at = launched && launched->at < command.size() ? launched->at : 0;
  if (launched && launched->is_package) {
    return zai::Printable(tools::PackageName(command[at]), kProgramBytesMax);
  }
  if (IsOneOf(kInterpreters, BaseName(command[at]))) {
    const auto word = std::find_if(command.begin() + static_cast<ptrdiff_t>(at) + 1, command.end(),
                                   [](const std::string& text) { return text[0] != '-'; });
    if (word != command.end()) at = static_cast<size_t>(word - command.begin());
  }
  return zai::Printable(BaseName(command[at]), kProgramBytesMax);
}

// Where the model server's requests go by themselves.
absl::StatusOr<Url> OwnTarget(const Surroundings& surroundings) {
  std::string mode;
  for (const char* const name : kModeVariables) {
    if (mode.empty()) mode = surroundings.Variable(name).value_or("");
  }
  if (IsOneOf(kZaiModes, mode)) return ParseUrl(kModeVariables[0], kZaiUrl);
  if (IsOneOf(kZhipuModes, mode)) return ParseUrl(kModeVariables[0], kZhipuUrl);
  const std::string base = surroundings.Variable(kBaseUrlVariable).value_or("");
  return ParseUrl(kBaseUrlVariable, base.empty() ? kZhipuUrl : absl::string_view(base));
}

struct KnownGateway {
  std::string url, upstream;
};

std::vector<KnownGateway> KnownGateways(const Options& options, const Surroundings& surroundings,
                                        const std::vector<GatewayRecord>& running) {
  std::vector<KnownGateway> known;
  const auto url = surroundings.Variable(tools::kGatewayVariable);
  const auto upstream = surroundings.Variable(tools::kGatewayUpstreamVariable);
  if (url && upstream) known.push_back({*url, *upstream});
  for (const GatewayRecord& one : running) {
    if (one.account == options.request.account()) known.push_back({one.url, one.upstream});
  }
  return known;
}

// The base URL by which the server reaches its target through a gateway; empty if none goes there.
std::string ThroughGateway(const Url& target, const std::vector<KnownGateway>& known) {
  for (const KnownGateway& one : known) {
    const auto upstream = ParseUrl("upstream", one.upstream);
    if (!upstream.ok()) continue;
    if (const auto through = tools::Through(one.url, *upstream, target)) {
      return absl::StrCat(*through, "/");
    }
  }
  return "";
}

// Whether the server's own requests take the leases.
bool PointAtGateway(const Options& options, const Surroundings& surroundings,
                    const std::vector<GatewayRecord>& running, Plan& plan) {
  const absl::StatusOr<Url> target = OwnTarget(surroundings);
  const std::vector<KnownGateway> known = KnownGateways(options, surroundings, running);
  if (!target.ok() || known.empty()) return false;
  const std::string through = ThroughGateway(*target, known);
  if (through.empty()) {
    plan.remarks.push_back(absl::StrCat("the requests of ", plan.program, " go to ", target->origin,
                                        ", where no gateway of ours goes (but ", known[0].upstream,
                                        "): one lease for each call instead"));
    return false;
  }
  plan.variables =
      tools::ReachLoopback([&](const std::string& name) { return surroundings.Variable(name); });
  plan.variables.emplace_back(kBaseUrlVariable, through);
  for (const char* const name : kModeVariables) plan.variables.emplace_back(name, "");
  return true;
}

absl::Duration PatienceOf(const Options& options, const Surroundings& surroundings) {
  if (options.timeout) return *options.timeout;
  int64_t millis = 0;
  const std::string text = surroundings.Variable("MCP_TOOL_TIMEOUT").value_or("");
  const bool named = absl::SimpleAtoi(text, &millis) && millis > 0;
  return (named ? absl::Milliseconds(millis) : kUsualToolTimeout) * kShareOfWaiting;
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const Options& options, const Surroundings& surroundings,
                              const std::vector<GatewayRecord>& running) {
  Plan plan;
  plan.program = ProgramName(options.command);
  plan.patience = PatienceOf(options, surroundings);
  const bool calls_models = CallsModels(options.command);
  if (calls_models && PointAtGateway(options, surroundings, running, plan)) return plan;
  const v1::Kind usual = calls_models ? v1::KIND_CALL : v1::KIND_MCP;
  const v1::Kind named = options.request.kind();
  plan.kind = named == v1::KIND_UNSPECIFIED ? usual : named;
  plan.tools = options.tools;
  if (plan.tools.empty()) {
    ZB_ASSIGN_OR_RETURN(plan.tools,
                        tools::ConfiguredMcpTools(options.request.account(), surroundings));
  }
  return plan;
}

}  // namespace zbroker::mcp
