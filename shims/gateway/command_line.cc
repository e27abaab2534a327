#include "shims/gateway/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/fd.h"
#include "client/base/gateway_record.h"
#include "client/base/inherited_socket.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "shims/flags/checks.h"
#include "shims/gateway/token.h"
#include "shims/meter/settings.h"
#include "shims/tools/mcp_tools.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/upstream.h"
#include "shims/tools/url.h"
#include "shims/zai/endpoint.h"

namespace zbroker::gateway {
namespace {

constexpr std::chrono::milliseconds kPingIntervalMin{10};
constexpr char kTokenVariable[] = "ZLEASE_GATEWAY_TOKEN";
constexpr int kExitNoneRuns = 1;

struct Flags {
  flags::LeaseFlags lease;
  std::optional<std::string> upstream;
  std::string listen = "127.0.0.1:8787", client_name = "gateway", first_byte_timeout = "15m",
              idle_timeout = "15m", upstream_idle = "5s", ping_interval = "10s";
  std::optional<std::string> silence;
  uint64_t parent = 0;
  int listen_fd = -1;
  int served_fd = -1;
  int retries = 10;
  size_t body_mib = 32;
  bool ephemeral = false;
  bool quiet = false;
  bool verbose = false;
  bool url = false;
  bool open_ai = false;
  bool meter = false;
  std::string meter_every;
};

void DeclareService(CLI::App& app, Flags& flags) {
  CLI::Option* const listen =
      app.add_option("--listen", flags.listen,
                     "Address of loopback and port, 0 for any (default: 127.0.0.1:8787)");
  app.add_option("--listen-fd", flags.listen_fd,
                 "Descriptor of a socket that listens, from who keeps it when this gateway ends;\n"
                 "a systemd socket unit's is found by itself")
      ->check(CLI::Range(3, 1 << 20))
      ->excludes(listen);
  // Of zlease alone, so without a line in the help.
  app.add_option("--served-fd", flags.served_fd)->check(CLI::Range(3, 1 << 20))->group("");
  app.add_option(
      "--upstream", flags.upstream,
      absl::StrCat("Base URL that requests go to (default: `upstream` of the account in\n"
                   "the configuration, else ",
                   zai::kProviderUrl, ")"));
  app.add_flag("--ephemeral", flags.ephemeral,
               "Make a new token for the base URL rather than keep it in the state directory");
  app.add_option("--max-body", flags.body_mib, "Largest request body in MiB (default: 32)")
      ->check(CLI::Range(1, 1024));
  app.add_option(
         "--retries", flags.retries,
         "How often a request is sent again that was turned away for a moment (default: 10)")
      ->check(CLI::Range(0, 1000));
  app.add_option("--first-byte-timeout", flags.first_byte_timeout,
                 "Longest silence of the upstream before its answer (default: 15m)")
      ->check(flags::CheckDuration);
  app.add_option("--idle-timeout", flags.idle_timeout,
                 "Longest silence within an answer (default: 15m)")
      ->check(flags::CheckDuration);
  app.add_option("--upstream-idle", flags.upstream_idle,
                 "Use a connection to the upstream again that was idle for at most so long; 0s\n"
                 "closes each after its request (default: 5s)")
      ->check(flags::CheckDuration);
  app.add_option(
         "--ping-after", flags.silence,
         "How long a queued stream hears nothing before its first ping (default: 15s, or 2m\n"
         "for a client that says how long it waits)")
      ->check(flags::CheckDuration);
  app.add_option("--ping-interval", flags.ping_interval, "Time between pings (default: 10s)")
      ->check(flags::CheckDuration);
  CLI::Option* const url = app.add_flag(
      "--url", flags.url,
      "Print the base URL of the gateway that runs (with --listen or --account: of that\n"
      "one) and start none; exit 1 if none runs");
  app.add_flag("--openai", flags.open_ai, "The URL that OpenAI clients take")->needs(url);
  app.add_flag("--meter", flags.meter,
               "Ask the provider's meter, after traffic, with the key that passes by (default: as\n"
               "`gateway` of [meter] in the configuration says)");
  // Of tests alone, so without a line in the help.
  app.add_option("--meter-every", flags.meter_every)->check(flags::CheckDuration)->group("");
  app.add_flag("-q,--quiet", flags.quiet, "Say nothing on standard error but why it can't start");
  app.add_flag("-v,--verbose", flags.verbose, "A line on standard error for each request");
}

void DeclareLease(CLI::App& app, Flags& flags) {
  flags::Declare(
      app, flags.lease,
      {.session = "Whom requests are for that name no session (default: the program that connects)",
       .timeout = "Let a request wait for a slot at most so long",
       .if_unavailable =
           "Without a daemon: wait (default) for --broker-timeout and answer 503; fail at\n"
           "once; or wait and then run the request without a lease",
       .hold_until_reset =
           "When the quota is used up, let requests wait for the reset rather than answer 429"});
  app.add_option("--parent", flags.parent,
                 "Lease for requests of programs that were started under none, as far as can be\n"
                 "told");
  app.add_option("--client-name", flags.client_name, "What zctl shows as the program")
      ->check(flags::CheckNameOf("--client-name"));
}

// What the command line says, else the configuration, else the provider's.
absl::StatusOr<Upstream> FindUpstream(const Flags& flags) {
  if (flags.upstream) return Upstream::Parse(*flags.upstream);
  ZB_ASSIGN_OR_RETURN(
      const std::string configured,
      tools::ConfiguredUpstream(flags.lease.account, *tools::Surroundings::OfProcess()));
  return Upstream::Parse(configured.empty() ? zai::kProviderUrl : configured);
}

absl::StatusOr<std::string> FindToken(bool ephemeral) {
  if (const char* given = getenv(kTokenVariable); given != nullptr && *given != '\0') {
    if (IsToken(given)) return std::string(given);
    return absl::InvalidArgumentError(
        absl::StrCat(kTokenVariable, " must be 16 to 64 letters, digits, '-' or '_'"));
  }
  if (ephemeral) return NewToken();
  ZB_ASSIGN_OR_RETURN(const std::string directory, StateDirectory());
  return KeptToken(directory);
}

// The socket that was handed over by whichever way; -1: none.
absl::StatusOr<int> FindListener(const CLI::App& app, const Flags& flags) {
  if (flags.listen_fd >= 0) return flags.listen_fd;
  Fd inherited = TakeInheritedSocket();
  if (!inherited.valid() || app.count("--listen") == 0) return inherited.Release();
  return absl::InvalidArgumentError(
      "--listen: the socket unit that starts this gateway says where it listens; change "
      "ListenStream there");
}

// Empty: the meter is not asked.
absl::StatusOr<std::optional<MeterWatch::Options>> FindMeter(const Flags& flags,
                                                             const Options& options) {
  ZB_ASSIGN_OR_RETURN(const config::MeterSettings settings,
                      meter::Configured(*tools::Surroundings::OfProcess()));
  if (!flags.meter && !settings.gateway) return std::nullopt;
  MeterWatch::Options watch{.account = options.lease.account(),
                            .origin = options.upstream.origin(),
                            .every = settings.every.value_or(meter::kEveryDefault)};
  if (!flags.meter_every.empty()) {
    watch.every = watch.apart = *zbroker::ParseDuration(flags.meter_every);
  }
  return watch;
}

absl::Status SetListen(const std::string& text, Options& options) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == text.npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen ", EscapeControls(text), ": expected ADDRESS:PORT"));
  }
  options.port = static_cast<uint16_t>(port);
  options.listen_address = text.substr(0, colon);
  if (options.listen_address == "localhost") options.listen_address = "127.0.0.1";
  if (options.listen_address == "[::1]") options.listen_address = "::1";
  return absl::OkStatus();
}

std::chrono::milliseconds ToMilliseconds(const std::string& text) {
  return absl::ToChronoMilliseconds(*zbroker::ParseDuration(text));
}

absl::StatusOr<CommandLine> FromFlags(const CLI::App& app, const Flags& flags) {
  CommandLine line;
  Options& options = line.options;
  ZB_RETURN_IF_ERROR(SetListen(flags.listen, options));
  ZB_ASSIGN_OR_RETURN(options.listener, FindListener(app, flags));
  options.served = flags.served_fd;
  ZB_ASSIGN_OR_RETURN(options.upstream, FindUpstream(flags));
  ZB_ASSIGN_OR_RETURN(options.token, FindToken(flags.ephemeral));
  flags::LeaseTerms terms = flags::ToTerms(flags.lease);
  options.lease = std::move(terms.request);
  options.lease.set_parent_lease_id(flags.parent);
  ZB_RETURN_IF_ERROR(flags::SettlePriority(options.lease));
  options.timeout = terms.timeout;
  options.if_unavailable = terms.if_unavailable;
  options.retries = flags.retries;
  options.body_bytes_max = flags.body_mib * 1024 * 1024;
  options.upstream_time_outs = {.first_byte = *zbroker::ParseDuration(flags.first_byte_timeout),
                                .idle = *zbroker::ParseDuration(flags.idle_timeout)};
  options.upstream_idle = *zbroker::ParseDuration(flags.upstream_idle);
  if (flags.silence) options.silence = options.patient_silence = ToMilliseconds(*flags.silence);
  options.ping_interval = std::max(ToMilliseconds(flags.ping_interval), kPingIntervalMin);
  ZB_ASSIGN_OR_RETURN(options.tools, tools::ConfiguredMcpTools(flags.lease.account,
                                                               *tools::Surroundings::OfProcess()));
  options.verbose = flags.verbose && !flags.quiet;
  ZB_ASSIGN_OR_RETURN(line.meter, FindMeter(flags, options));
  line.client_name = flags.client_name;
  line.broker_timeout =
      options.if_unavailable == IfUnavailable::kFail ? absl::ZeroDuration() : terms.broker_timeout;
  line.ephemeral = flags.ephemeral;
  line.quiet = flags.quiet;
  return line;
}

// Prints the base URL of one that runs. Returns the exit status.
int PrintUrl(const CLI::App& app, const Flags& flags) {
  std::vector<GatewayRecord> gateways = RunningGateways(StateDirectory().value_or(""));
  if (app.count("--listen") > 0) {
    std::erase_if(gateways, [&](const auto& one) { return one.address() != flags.listen; });
  }
  if (!flags.lease.account.empty()) {
    std::erase_if(gateways, [&](const auto& one) { return one.account != flags.lease.account; });
  }
  const auto found = UsualGateway(gateways);
  if (!found) {
    std::cerr << "zlease gateway: none runs; `zlease gateway` starts one, as a service does\n"
                 "`systemctl --user enable --now zlease-gateway`\n";
    return kExitNoneRuns;
  }
  std::string url = found->url;
  const auto upstream = ParseUrl("upstream", found->upstream);
  if (flags.open_ai && upstream.ok()) {
    const Url target = tools::ForProtocol(*upstream, tools::Protocol::kOpenAi);
    url = tools::Through(url, *upstream, target).value_or(url);
  }
  std::cout << url << "\n";
  return 0;
}

constexpr char kFooter[] =
    "The first line on standard output is the base URL to point tools at. A request goes to what\n"
    "follows the token, below the upstream's URL; the path of one of the provider's services, "
    "such\n"
    "as /api/coding/paas/v4, is taken from the upstream's host. Ends on SIGTERM and SIGINT.\n\n"
    "Examples:\n"
    "  zlease gateway\n"
    "  OPENAI_BASE_URL=$(zlease gateway --url --openai) ./script.py\n"
    "  zlease gateway --listen 127.0.0.1:0 --upstream https://api.z.ai/api/coding/paas/v4\n"
    "  ANTHROPIC_BASE_URL=http://127.0.0.1:8787/TOKEN ./script.py";

}  // namespace

std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv) {
  CLI::App app{
      "A gateway on loopback that takes a lease for every request it relays to the upstream:\n"
      "  zlease gateway [OPTIONS]",
      "zlease gateway"};
  app.set_version_flag("--version", ZBROKER_VERSION);
  app.footer(kFooter);
  Flags flags;
  DeclareService(app, flags);
  DeclareLease(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitFailure;
  }
  if (flags.url) return PrintUrl(app, flags);
  absl::StatusOr<CommandLine> line = FromFlags(app, flags);
  if (line.ok()) return *std::move(line);
  std::cerr << "zlease gateway: " << line.status().message() << "\n";
  return kExitFailure;
}

}  // namespace zbroker::gateway
