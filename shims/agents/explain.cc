#include "shims/agents/explain.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "google/protobuf/repeated_field.h"
#include "shims/agents/words.h"

namespace zbroker::agents {
namespace {

using Gates = google::protobuf::RepeatedPtrField<v1::Gate>;
using Hindrances = google::protobuf::RepeatedPtrField<v1::Hindrance>;

void Fill(const v1::Gate& gate, v1::Hindrance* out) {
  out->set_what(EscapeControls(gate.name()));
  out->set_detail(EscapeControls(gate.detail()));
  out->set_opens(EscapeControls(gate.opens()));
  if (gate.has_until()) *out->mutable_until() = gate.until();
}

// That which binds comes first.
void FillShut(const Gates& gates, Hindrances* out) {
  for (const bool binds : {true, false}) {
    for (const v1::Gate& gate : gates) {
      if (gate.applies() && !gate.passed() && gate.binds() == binds) Fill(gate, out->Add());
    }
  }
}

std::string Words(const v1::Hindrance& hindrance, absl::Time now, absl::TimeZone zone) {
  std::vector<std::string> ends;
  if (hindrance.has_until()) {
    ends.push_back(absl::StrCat("at ", When(FromProtoTime(hindrance.until()), now, zone)));
  }
  if (!hindrance.opens().empty()) ends.push_back(hindrance.opens());
  return Sentence(absl::StrCat(hindrance.detail(),
                               ends.empty() ? "" : ". What ends it: ", absl::StrJoin(ends, "; ")));
}

v1::WaiterWhy ToWhy(const v1::WaiterExplanation& one) {
  v1::WaiterWhy why;
  const v1::WaiterInfo& waiter = one.waiter();
  why.set_program(EscapeControls(zctl::HolderName(waiter.holder())));
  why.set_session(EscapeControls(waiter.session()));
  why.set_model(EscapeControls(waiter.model()));
  why.set_account(EscapeControls(waiter.account()));
  *why.mutable_waited() = waiter.waited();
  if (waiter.has_estimate()) *why.mutable_estimate() = waiter.estimate();
  why.set_before(one.before());
  FillShut(one.gates(), why.mutable_hindrances());
  return why;
}

v1::AccountWhy ToWhy(const v1::AccountExplanation& account) {
  v1::AccountWhy why;
  why.set_name(EscapeControls(account.account()));
  why.set_verdict(EscapeControls(account.verdict()));
  why.set_slots(account.limit());
  why.set_slots_taken(account.in_flight());
  why.set_waiting(account.waiting());
  if (account.has_expected_wait()) *why.mutable_expected_wait() = account.expected_wait();
  FillShut(account.gates(), why.mutable_hindrances());
  for (const v1::Kept& kept : account.kept()) {
    v1::Hindrance* const one = why.add_kept();
    Fill(kept.gate(), one);
    one->set_waiters(kept.waiters());
  }
  return why;
}

std::string Words(const v1::WaiterWhy& waiter, absl::Time now, absl::TimeZone zone) {
  std::string text = absl::StrCat("A request of ", waiter.program());
  if (!waiter.session().empty()) absl::StrAppend(&text, ", session ", waiter.session());
  if (!waiter.model().empty()) absl::StrAppend(&text, ", model ", waiter.model());
  absl::StrAppend(&text, ", has waited ",
                  zbroker::FormatDuration(FromProtoDuration(waiter.waited())), " in account ",
                  waiter.account());
  if (waiter.before() > 0) absl::StrAppend(&text, "; ", waiter.before(), " go before it");
  if (waiter.has_estimate()) {
    absl::StrAppend(&text, "; about ",
                    zbroker::FormatDuration(FromProtoDuration(waiter.estimate())), " to go");
  }
  text += ".";
  for (const v1::Hindrance& one : waiter.hindrances()) {
    absl::StrAppend(&text, "\n- ", Words(one, now, zone));
  }
  return text;
}

std::string Words(const v1::AccountWhy& account, absl::Time now, absl::TimeZone zone) {
  std::string text =
      absl::StrCat("Account ", account.name(), ": ", Sentence(account.verdict()), "\n",
                   account.slots_taken(), " of ", account.slots(), " slots are taken, ",
                   account.waiting(), account.waiting() == 1 ? " request waits" : " requests wait");
  if (account.has_expected_wait()) {
    const absl::Duration wait = FromProtoDuration(account.expected_wait());
    absl::StrAppend(&text, wait <= absl::ZeroDuration()
                               ? "; a new request would start at once"
                               : absl::StrCat("; a new request would wait for about ",
                                              zbroker::FormatDuration(wait)));
  }
  text += ".";
  for (const v1::Hindrance& one : account.kept()) {
    absl::StrAppend(&text, "\n- ", one.waiters(),
                    one.waiters() == 1 ? " waits: " : " wait: ", Words(one, now, zone));
  }
  for (const v1::Hindrance& one : account.hindrances()) {
    absl::StrAppend(&text, "\n- A new request finds: ", Words(one, now, zone));
  }
  return text;
}

}  // namespace

v1::Why MakeWhy(const v1::Explanation& explanation, absl::TimeZone zone) {
  const absl::Time now = FromProtoTime(explanation.now());
  v1::Why why;
  why.set_verdict(EscapeControls(explanation.verdict()));
  std::vector<std::string> words;
  // Of an account its words have it.
  if (explanation.accounts().empty() || !explanation.ledger_error().empty()) {
    words.push_back(Sentence(why.verdict()));
  }
  for (const v1::WaiterExplanation& one : explanation.waiters()) {
    *why.add_waiters() = ToWhy(one);
    words.push_back(Words(*why.waiters().rbegin(), now, zone));
  }
  for (const v1::AccountExplanation& one : explanation.accounts()) {
    *why.add_accounts() = ToWhy(one);
    words.push_back(Words(*why.accounts().rbegin(), now, zone));
  }
  words.push_back(absl::StrCat("It is ", absl::FormatTime("%Y-%m-%d %H:%M", now, zone), "."));
  why.set_summary(absl::StrJoin(words, "\n"));
  return why;
}

}  // namespace zbroker::agents
