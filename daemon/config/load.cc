#include "daemon/config/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/base/fd.h"
#include "client/base/status.h"
#include "client/config/default_account.h"
#include "client/config/document.h"
#include "client/config/first_error.h"
#include "client/config/meter.h"
#include "client/config/table_reader.h"
#include "client/config/words.h"
#include "daemon/config/account.h"
#include "daemon/config/hooks.h"

namespace zbroker::config {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;
constexpr size_t kAccountsMax = 64;
constexpr int kQueueMaxLargest = 1'000'000;
constexpr absl::Duration kDay = absl::Hours(24);

std::vector<std::string> NamesOf(const std::vector<core::AccountConfig>& accounts) {
  std::vector<std::string> names;
  names.reserve(accounts.size());
  for (const core::AccountConfig& account : accounts) names.push_back(account.name);
  return names;
}

void ReadAccounts(TableReader& reader, bool shadow, core::BrokerConfig& config) {
  std::vector<core::AccountConfig> accounts;
  for (TableReader& member : reader.Members()) {
    if (accounts.size() == kAccountsMax) {
      member.Reject(absl::StrCat("one account too many; expected at most ", kAccountsMax));
    }
    accounts.push_back(ReadAccount(member, shadow));
  }
  if (accounts.empty()) return;
  config.default_account = DefaultAccount(NamesOf(accounts), std::nullopt);
  config.accounts = std::move(accounts);
}

// REQUIRES: the accounts are in `config`.
void ReadBroker(TableReader& reader, core::BrokerConfig& config) {
  if (const std::optional<std::string> name = reader.Name("default_account")) {
    const std::vector<std::string> names = NamesOf(config.accounts);
    if (std::ranges::find(names, *name) == names.end()) {
      reader.RejectKey("default_account", absl::StrCat("no account is called \"", *name,
                                                       "\"; expected ", OrList(names)));
    }
    config.default_account = DefaultAccount(names, name);
  }
  config.age_after =
      reader.Duration("age_after", absl::Seconds(1), kDay).value_or(config.age_after);
  config.queue_max =
      reader.Integer("queue_max", 1, kQueueMaxLargest).value_or(static_cast<int>(config.queue_max));
  config.reclaim_grace = reader.Duration("reclaim_grace", absl::ZeroDuration(), absl::Hours(1))
                             .value_or(config.reclaim_grace);
  config.unclean_hold = reader.Duration("unclean_hold", absl::ZeroDuration(), absl::Minutes(1))
                            .value_or(config.unclean_hold);
  config.retention =
      reader.Duration("retention", absl::Hours(1), 3650 * kDay).value_or(config.retention);
  const bool projects = reader.Boolean("projects").value_or(true);
  for (core::AccountConfig& account : config.accounts) account.projects = projects;
  reader.RejectOtherKeys();
}

}  // namespace

absl::StatusOr<core::BrokerConfig> ParseConfig(absl::string_view text,
                                               const std::string& file_name) {
  ZB_ASSIGN_OR_RETURN(const Document document, Document::Parse(text, file_name));
  FirstError errors(file_name);
  TableReader root(document.root(), errors);
  core::BrokerConfig config = core::BrokerConfig::Defaults();

  std::optional<TableReader> accounts = root.Table("account");
  std::optional<TableReader> broker = root.Table("broker");
  std::optional<TableReader> meter = root.Table("meter");
  const bool shadow = broker.has_value() && broker->Boolean("shadow").value_or(false);
  for (core::AccountConfig& account : config.accounts) account.shadow = shadow;
  if (accounts.has_value()) ReadAccounts(*accounts, shadow, config);
  if (broker.has_value()) ReadBroker(*broker, config);
  if (meter.has_value()) ReadMeter(*meter);
  ReadHooks(root, config);
  root.RejectOtherKeys();

  // Another mistake may be why there is no default, for example one in its name.
  if (errors.empty() && config.default_account.empty()) {
    errors.Report(accounts->place(), "broker.default_account",
                  absl::StrCat("missing, and no account is called \"default\"; expected ",
                               OrList(NamesOf(config.accounts))));
  }
  if (!errors.empty()) return errors.status();
  return config;
}

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  const std::string what = absl::StrCat("configuration file ", path);
  // Non-blocking, as a pipe that nobody writes to would hold up the daemon's start.
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, what);
  // A pipe would be empty when the daemon reloads, and that is a valid configuration.
  if (S_ISFIFO(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(what, ": is a pipe; expected a file"));
  }
  std::string text(kFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(fd.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoToStatus(errno, what);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": too large; expected at most ", kFileBytesMax, " bytes"));
  }
  text.resize(size);
  return text;
}

absl::StatusOr<core::BrokerConfig> LoadConfig(const std::string& path) {
  if (path.empty()) return core::BrokerConfig::Defaults();
  ZB_ASSIGN_OR_RETURN(const std::string text, ReadConfigFile(path));
  return ParseConfig(text, path);
}

}  // namespace zbroker::config
