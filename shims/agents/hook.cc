#include "shims/agents/hook.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"
#include "client/base/text.h"
#include "client/condition/condition.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "shims/agents/obstacles.h"
#include "shims/agents/words.h"

namespace zbroker::agents {
namespace {

// Where nobody knows how long a new request would wait: so many to a slot are a long queue.
constexpr uint32_t kWaitersPerSlotMax = 3;

class Reasons {
 public:
  Reasons(absl::Time now, absl::TimeZone zone) : now_(now), zone_(zone) {}

  // `until`: empty where nobody knows.
  void Add(std::string why, std::optional<absl::Time> until) {
    all_.push_back(std::move(why));
    open_end_ |= !until;
    until_ = std::max(until_, until.value_or(now_));
  }
  bool empty() const { return all_.empty(); }

  std::string Come() const {
    return absl::StrCat(
        "zbroker: start no sub-agent now. All programs of this machine share one AI account, and ",
        absl::StrJoin(all_, "; "), ". ",
        open_end_ ? "Nobody knows for how long"
                  : absl::StrCat("Try again at ", When(until_, now_, zone_)),
        "; until then do what needs no sub-agent, or tell the user what is left to do and when it "
        "can go on.");
  }

 private:
  const absl::Time now_;
  const absl::TimeZone zone_;
  std::vector<std::string> all_;
  bool open_end_ = false;
  absl::Time until_ = absl::InfinitePast();
};

void AddQueue(const v1::AccountStatus& account, absl::Duration queue_max, absl::Time now,
              Reasons& reasons) {
  const uint32_t waiting = account.slots().waiting();
  const std::string who =
      absl::StrCat(Count(waiting, "requests"), waiting == 1 ? " waits" : " wait", " already");
  if (!account.has_expected_wait()) {
    const uint32_t slots = std::max(account.slots().limit(), 1u);
    if (waiting >= slots * kWaitersPerSlotMax) {
      reasons.Add(absl::StrCat(who, " for ", Count(slots, "slots")), now + queue_max);
    }
    return;
  }
  const absl::Duration wait = FromProtoDuration(account.expected_wait());
  if (wait <= queue_max) return;
  reasons.Add(
      absl::StrCat(who, ", and a new one would wait for about ", zbroker::FormatDuration(wait)),
      now + wait);
}

}  // namespace

bool StartsSubAgent(absl::string_view input) {
  if (input.empty()) return false;
  simdjson::dom::parser parser;
  simdjson::dom::element call;
  if (parser.parse(input.data(), input.size(), true).get(call) != simdjson::SUCCESS) return false;
  std::string_view event;
  std::string_view tool;
  return call["hook_event_name"].get(event) == simdjson::SUCCESS && event == "PreToolUse" &&
         call["tool_name"].get(tool) == simdjson::SUCCESS && (tool == "Task" || tool == "Agent");
}

std::string WhyNotNow(const v1::Status& status, const std::string& account,
                      absl::Duration queue_max, absl::TimeZone zone) {
  const auto found = std::ranges::find_if(
      status.accounts(), [&](const auto& one) { return account.empty() || one.name() == account; });
  if (found == status.accounts().end()) return "";
  const absl::Time now = FromProtoTime(status.now());
  Reasons reasons(now, zone);
  for (const v1::Obstacle& obstacle : ObstaclesOf(*found)) {
    // Of what model a sub-agent will be, nobody knows yet.
    if (IsBrief(obstacle) || !obstacle.model().empty()) continue;
    const bool ends = obstacle.has_until();
    reasons.Add(Describe(obstacle, now, zone),
                ends ? std::optional(FromProtoTime(obstacle.until())) : std::nullopt);
  }
  if (reasons.empty()) {
    const auto reset = condition::Condition::Parse("reset")->Judge(status, found->name());
    if (reset.ok() && !reset->reached) reasons.Add(EscapeControls(reset->words), reset->at);
  }
  if (reasons.empty()) AddQueue(*found, queue_max, now, reasons);
  return reasons.empty() ? "" : reasons.Come();
}

std::string DenialOf(const std::string& why) {
  google::protobuf::Struct output;
  auto& decision =
      *(*output.mutable_fields())["hookSpecificOutput"].mutable_struct_value()->mutable_fields();
  decision["hookEventName"].set_string_value("PreToolUse");
  decision["permissionDecision"].set_string_value("deny");
  decision["permissionDecisionReason"].set_string_value(why);
  std::string json;
  // It has no way to fail: the text is UTF-8.
  google::protobuf::util::MessageToJsonString(output, &json).ok();
  return json;
}

}  // namespace zbroker::agents
