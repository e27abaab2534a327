#include "daemon/core/episodes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zbroker::core {

void Episodes::Recall(const Happening& begun) {
  open_.emplace(Key{begun.account, begun.kind, begun.subject}, begun);
}

bool Episodes::AnyOf(HappeningKind kind, const std::string& account) const {
  const auto found = open_.lower_bound(Key{account, kind, ""});
  return found != open_.end() && std::get<0>(found->first) == account &&
         std::get<1>(found->first) == kind;
}

Happening Episodes::End(const Happening& begun, BootTime now, const std::string& detail) {
  return {.account = begun.account,
          .kind = EndOf(begun.kind).value_or(begun.kind),
          .subject = begun.subject,
          .at = now,
          .detail = detail.empty() ? absl::StrCat("over: ", begun.detail) : detail,
          .upstream_code = begun.upstream_code};
}

void Episodes::Tell(HappeningKind kind, const std::string& account,
                    const std::vector<Happening>& now_so, BootTime now, const std::string& ended,
                    std::vector<Record>& records) {
  for (auto one = open_.lower_bound(Key{account, kind, ""}); one != open_.end();) {
    const auto& [of, of_kind, subject] = one->first;
    if (of != account || of_kind != kind) break;
    if (std::ranges::find(now_so, subject, &Happening::subject) != now_so.end()) {
      ++one;
      continue;
    }
    records.push_back(End(one->second, now, ended));
    one = open_.erase(one);
  }
  for (const Happening& one : now_so) {
    if (open_.emplace(Key{account, kind, one.subject}, one).second) records.push_back(one);
  }
}

void Episodes::KeepOnly(const std::set<std::string>& accounts, BootTime now,
                        std::vector<Record>& records) {
  std::erase_if(open_, [&](const auto& one) {
    const std::string& account = std::get<0>(one.first);
    if (account.empty() || accounts.contains(account)) return false;
    records.push_back(End(one.second, now, "the account is no longer configured"));
    return true;
  });
}

}  // namespace zbroker::core
