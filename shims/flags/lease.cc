#include "shims/flags/lease.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/instant.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "shims/flags/checks.h"

namespace zbroker::flags {
namespace {

constexpr size_t kQuotedColumns = 40;

struct PriorityName {
  absl::string_view word;
  v1::Priority priority;
};
constexpr PriorityName kPriorities[] = {{"interactive", v1::PRIORITY_INTERACTIVE},
                                        {"normal", v1::PRIORITY_NORMAL},
                                        {"background", v1::PRIORITY_BACKGROUND}};

absl::StatusOr<v1::Priority> ParsePriority(absl::string_view word) {
  for (const PriorityName& one : kPriorities) {
    if (one.word == word) return one.priority;
  }
  return absl::InvalidArgumentError(absl::StrCat("\"",
                                                 Ellipsize(EscapeControls(word), kQuotedColumns),
                                                 "\" is none of interactive, normal, background"));
}

std::string CheckPriority(const std::string& word) {
  return std::string(ParsePriority(word).status().message());
}

}  // namespace

void Declare(CLI::App& app, LeaseFlags& flags, const LeaseTexts& texts) {
  app.add_option("--account", flags.account, "Account to lease from (default: the default one)")
      ->check(CheckNameOf("--account"));
  app.add_option("--priority", flags.priority,
                 absl::StrCat("interactive, normal or background (default: $", kPriorityVariable,
                              ", else as\nthe daemon's configuration says)"))
      ->check(CheckPriority);
  app.add_option("--session", flags.session, texts.session)->check(CheckNameOf("--session"));
  app.add_option("--timeout", flags.timeout, texts.timeout)->check(CheckDuration);
  app.add_option("--by", flags.by,
                 "Background work is put off no longer than until then: 18:00, 2h, a date")
      ->check(CheckInstant);
  app.add_flag("--hold-until-reset", flags.hold_until_reset, texts.hold_until_reset);
  app.add_option("--broker-timeout", flags.broker_timeout,
                 "Wait for an absent daemon at most so long (default: 30s)")
      ->check(CheckDuration);
  app.add_option("--if-unavailable", flags.if_unavailable, texts.if_unavailable)
      ->check(CLI::IsMember({"wait", "fail", "run"}));
}

LeaseTerms ToTerms(const LeaseFlags& flags) {
  LeaseTerms terms;
  terms.request.set_account(flags.account);
  terms.request.set_session(flags.session);
  terms.request.set_hold_until_reset(flags.hold_until_reset);
  if (!flags.priority.empty()) terms.request.set_priority(*ParsePriority(flags.priority));
  if (!flags.by.empty()) {
    SetProtoTime(*ParseInstant(flags.by, absl::Now(), absl::LocalTimeZone()),
                 terms.request.mutable_patience());
  }
  if (!flags.timeout.empty()) terms.timeout = *zbroker::ParseDuration(flags.timeout);
  terms.broker_timeout = *zbroker::ParseDuration(flags.broker_timeout);
  terms.if_unavailable =
      std::map<std::string, IfUnavailable>{{"wait", IfUnavailable::kWait},
                                           {"fail", IfUnavailable::kFail},
                                           {"run", IfUnavailable::kRun}}[flags.if_unavailable];
  return terms;
}

absl::Status SettlePriority(v1::Acquire& request) {
  if (request.priority() != v1::PRIORITY_UNSPECIFIED) return absl::OkStatus();
  const char* const word = getenv(kPriorityVariable);
  if (word == nullptr || *word == '\0') return absl::OkStatus();
  const auto priority = ParsePriority(word);
  if (!priority.ok()) return Annotate(priority.status(), kPriorityVariable);
  request.set_priority(*priority);
  return absl::OkStatus();
}

absl::string_view PriorityWord(v1::Priority priority) {
  for (const PriorityName& one : kPriorities) {
    if (one.priority == priority) return one.word;
  }
  return "";
}

uint64_t ToLeaseId(absl::string_view text) {
  uint64_t id = 0;
  return absl::SimpleAtoi(text, &id) ? id : 0;
}

}  // namespace zbroker::flags
