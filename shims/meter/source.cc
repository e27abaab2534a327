#include "shims/meter/source.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/url.h"
#include "client/config/table_reader.h"
#include "shims/tools/account_table.h"
#include "shims/tools/upstream.h"
#include "shims/zai/endpoint.h"

namespace zbroker::meter {
namespace {

// Without a configuration there is this one.
constexpr absl::string_view kOnlyAccount = "default";

Source Failed(Source source, const char* error, absl::Status status) {
  source.error = error;
  source.status = std::move(status);
  return source;
}

bool IsNamed(const KeyPlace& key) { return !key.variable.empty() || !key.file.empty(); }

// Why the configuration's key must not go there; OK: it may.
absl::Status CheckKeyOfConfiguration(const std::string& origin, const std::string& configured) {
  if (configured.empty() ? zai::IsProviderOrigin(origin) : configured == origin) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the key that [meter] of the configuration names is ",
      configured.empty() ? std::string("for the provider") : absl::StrCat("for ", configured),
      ", and --upstream names ", origin,
      ": it does not go there. --key-env NAME or --key-file FILE beside --upstream names one that "
      "does"));
}

}  // namespace

Source FindSource(const CommandLine& line, const config::MeterSettings& settings,
                  const tools::Surroundings& surroundings) {
  Source source{.key = line.key};
  source.plan.file = surroundings.config_path();
  bool is_there = line.account.empty();
  const absl::Status read =
      tools::ReadAccountTable(line.account, surroundings, [&](config::TableReader& table) {
        is_there = true;
        source.plan.plan = table.Name("plan").value_or("");
      });
  const auto configured = tools::ConfiguredUpstream(line.account, surroundings);
  if (!read.ok() || !configured.ok()) {
    return Failed(std::move(source), "config", read.ok() ? configured.status() : read);
  }
  if (!is_there && line.account != kOnlyAccount) {
    const std::string& file = source.plan.file;
    const absl::Status status = absl::NotFoundError(
        absl::StrCat("there is no account ", EscapeControls(line.account), " in ",
                     file.empty() ? "the configuration, as there is none" : EscapeControls(file),
                     "; `zctl status` shows those that the daemon has"));
    return Failed(std::move(source), "no-account", status);
  }
  const std::string& text = line.upstream.empty() ? *configured : line.upstream;
  if (text.empty()) {
    return Failed(std::move(source), "upstream-missing",
                  absl::FailedPreconditionError(
                      "nothing says which host's meter to ask, and the key must not go where you "
                      "don't expect it: give --upstream URL, or `upstream` of the account in "
                      "zbroker's configuration"));
  }
  const auto url = ParseUrl(line.upstream.empty() ? "upstream" : "--upstream", text);
  if (!url.ok()) return Failed(std::move(source), "upstream-missing", url.status());
  source.origin = url->origin;
  if (IsNamed(source.key)) return source;
  source.key = {settings.key_env, settings.key_file};
  if (!IsNamed(source.key) || line.upstream.empty()) return source;
  const std::string expected =
      configured->empty() ? std::string() : ParseUrl("upstream", *configured)->origin;
  absl::Status allowed = CheckKeyOfConfiguration(source.origin, expected);
  if (!allowed.ok()) return Failed(std::move(source), "key-elsewhere", std::move(allowed));
  return source;
}

}  // namespace zbroker::meter
