#include "daemon/rpc/release.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/bounds.h"
#include "client/base/sparse_log.h"
#include "client/base/text.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

// Takes field after field, and notes those that it leaves out.
class Reader {
 public:
  // The value, or what the field is without one.
  template <typename T>
  T Take(absl::StatusOr<T> value, T absent = {}) {
    if (value.ok()) return *std::move(value);
    LeaveOut(value.status());
    return absent;
  }

  std::string Text(absl::string_view what, const std::string& text, size_t bytes_max) {
    const absl::Status status = CheckName(what, text, bytes_max);
    if (status.ok()) return text;
    LeaveOut(status);
    return "";
  }

  std::optional<absl::Duration> Length(absl::string_view what, bool given,
                                       const google::protobuf::Duration& length) {
    if (!given) return std::nullopt;
    const auto value = FromProto(what, length);
    if (value.ok() && *value >= absl::ZeroDuration()) return *value;
    LeaveOut(value.ok() ? absl::InvalidArgumentError(absl::StrCat(what, " is negative"))
                        : value.status());
    return std::nullopt;
  }

  void LeaveOut(const absl::Status& status) {
    absl::StrAppend(&left_out_, left_out_.empty() ? "" : "; ", status.message());
  }

  std::string left_out() && { return std::move(left_out_); }

 private:
  std::string left_out_;
};

int TakeHttpStatus(uint32_t status, Reader& reader) {
  if (status == 0) return 0;
  if (status >= kHttpStatusMin && status <= kHttpStatusMax) return static_cast<int>(status);
  reader.LeaveOut(absl::InvalidArgumentError(absl::StrCat("http_status ", status, " is not from ",
                                                          kHttpStatusMin, " to ", kHttpStatusMax)));
  return 0;
}

std::optional<core::TokenUsage> TakeUsage(const v1::TokenUsage& usage, Reader& reader) {
  for (const int64_t count : {usage.input_tokens(), usage.cached_tokens(), usage.output_tokens()}) {
    if (count >= 0 && count <= kTokensMax) continue;
    reader.LeaveOut(absl::InvalidArgumentError(
        absl::StrCat("usage: ", count, " is not a count from 0 to ", kTokensMax)));
    return std::nullopt;
  }
  return core::TokenUsage{.input = usage.input_tokens(),
                          .cached = usage.cached_tokens(),
                          .output = usage.output_tokens()};
}

core::ReleaseDetails TakeDetails(const v1::ReleaseDetails& details, const Now& now,
                                 Reader& reader) {
  core::ReleaseDetails out{
      .upstream_code = reader.Text("upstream_code", details.upstream_code(), kNameBytesMax),
      .message = reader.Text("message", details.message(), kDetailBytesMax),
      .start_rate = details.start_rate(),
      .plan = details.plan(),
      .under_way = details.under_way(),
      .unused = details.unused()};
  out.retry_after = reader.Length("retry_after", details.has_retry_after(), details.retry_after());
  if (details.has_until()) {
    const auto until = FromProto("until", details.until());
    if (until.ok()) {
      out.until = now.BootAt(*until);
    } else {
      reader.LeaveOut(until.status());
    }
  }
  out.window_length =
      reader.Length("window_length", details.has_window_length(), details.window_length());
  out.scope = reader.Take(FromProto(details.scope()), core::Scope::kAccount);
  out.first_byte = reader.Length("first_byte", details.has_first_byte(), details.first_byte());
  out.http_status = TakeHttpStatus(details.http_status(), reader);
  if (details.has_usage()) out.usage = TakeUsage(details.usage(), reader);
  out.served_model = reader.Text("served_model", details.served_model(), kNameBytesMax);
  return out;
}

core::Outcome TakeOutcome(v1::Outcome outcome, Reader& reader) {
  const auto known = FromProto(outcome);
  if (!known.ok()) {
    reader.LeaveOut(known.status());
    return core::Outcome::kFailed;
  }
  const core::Outcome stated = known->value_or(core::Outcome::kOk);
  if (stated != core::Outcome::kLost && stated != core::Outcome::kRevoked) return stated;
  reader.LeaveOut(absl::InvalidArgumentError(
      absl::StrCat("outcome ", core::Name(stated), " is only for the daemon to say")));
  return core::Outcome::kFailed;
}

}  // namespace

CheckedRelease CheckRelease(const v1::ReleaseRequest& release, const core::Client& client,
                            const Now& now) {
  Reader reader;
  CheckedRelease out;
  out.command = {.client = client, .lease = release.lease_id()};
  out.command.outcome = TakeOutcome(release.outcome(), reader);
  out.command.details = TakeDetails(release.details(), now, reader);
  out.left_out = std::move(reader).left_out();
  return out;
}

core::Release TakeRelease(const v1::ReleaseRequest& release, const core::Client& client,
                          const Now& now) {
  CheckedRelease checked = CheckRelease(release, client, now);
  if (!checked.left_out.empty()) {
    LogWarningSparsely("left out of a release by ", client.holder.program, " (pid ",
                       client.holder.pid, "): ", checked.left_out);
  }
  return std::move(checked.command);
}

}  // namespace zbroker::rpc
