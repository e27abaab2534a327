#include "shims/agents/wait_until.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/condition/condition.h"
#include "shims/agents/schema.h"
#include "shims/agents/words.h"
#include "zbroker/v1/agent.pb.h"

namespace zbroker::agents {
namespace {

using condition::Condition;
using condition::Verdict;

// Most clients give a call a minute.
constexpr absl::Duration kUsualPatience = absl::Seconds(45);
constexpr absl::Duration kPatienceMax = absl::Hours(6);

class Wait : public Waiting {
 public:
  Wait(const v1::WaitUntilRequest& request, Condition condition, absl::TimeZone zone)
      : account_(request.account()),
        condition_(std::move(condition)),
        patience_(request.seconds() == 0
                      ? kUsualPatience
                      : std::min(absl::Seconds(int64_t{request.seconds()}), kPatienceMax)),
        zone_(zone) {}

  std::optional<Answer> Look(Office& office, absl::Duration waited) override {
    const auto status = looked_ ? office.LookAgain(account_) : office.GetStatus(account_, "");
    const bool is_away =
        absl::IsUnavailable(status.status()) || absl::IsDeadlineExceeded(status.status());
    if (!status.ok() && !(looked_ && is_away)) return AnswerWith(status.status());
    looked_ = true;
    if (status.ok()) {
      auto verdict = condition_.Judge(*status, account_);
      if (!verdict.ok()) return AnswerWith(verdict.status());
      verdict_ = *std::move(verdict);
      now_ = FromProtoTime(status->now());
    } else {
      verdict_.words = "the daemon is away";
    }
    if (!verdict_.reached && waited < patience_) return std::nullopt;
    return Ended(waited);
  }

  absl::Duration patience() const override { return patience_; }

  std::string words() const override {
    return absl::StrCat("waiting for ", EscapeControls(condition_.text()), ": ", Standing());
  }

 private:
  std::string Standing() const {
    std::string text = EscapeControls(verdict_.words);
    if (!verdict_.reached && verdict_.at) {
      absl::StrAppend(&text, "; expected at ", When(*verdict_.at, now_, zone_));
    }
    return text;
  }

  Answer Ended(absl::Duration waited) const {
    v1::WaitUntil reply;
    reply.set_reached(verdict_.reached);
    reply.set_state(EscapeControls(verdict_.words));
    if (!verdict_.reached && verdict_.at) SetProtoTime(*verdict_.at, reply.mutable_expected());
    reply.set_summary(absl::StrCat(
        verdict_.reached ? "REACHED" : "NOT YET", " after ", zbroker::FormatDuration(waited), ". ",
        Sentence(Standing()),
        verdict_.reached ? ""
                         : " Call it again to wait on, or do what needs no model until then."));
    return AnswerWith(reply, reply.summary());
  }

  const std::string account_;
  const Condition condition_;
  const absl::Duration patience_;
  const absl::TimeZone zone_;
  Verdict verdict_;
  absl::Time now_;
  bool looked_ = false;
};

}  // namespace

Outcome CallWaitUntil(const std::string& arguments, Office& /*office*/, absl::TimeZone zone) {
  v1::WaitUntilRequest request;
  const absl::Status read = ReadArguments(arguments, &request);
  if (!read.ok()) return AnswerWith(read);
  auto condition = Condition::Parse(request.condition());
  if (!condition.ok()) return AnswerWith(condition.status());
  return std::make_unique<Wait>(request, *std::move(condition), zone);
}

}  // namespace zbroker::agents
