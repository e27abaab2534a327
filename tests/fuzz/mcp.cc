#include <algorithm>
#include <map>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/mcp/lines.h"
#include "shims/mcp/relay.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

constexpr size_t kLineBytesMax = 256;

// Both sides of a relay, and who grants. Notes the first thing that does not hold.
class Scene {
 public:
  // Bytes of one side, and then a grant, a refusal, or time.
  void Step(uint8_t choice, absl::string_view bytes) {
    if ((choice & 1) != 0) {
      for (mcp::Piece& piece : client_.Feed(bytes)) Do(relay_.FromClient(std::move(piece), now_));
    } else {
      said_.append(bytes.data(), bytes.size());
      for (mcp::Piece& piece : server_.Feed(bytes)) Do(relay_.FromServer(std::move(piece), now_));
    }
    const auto waiting = FirstWaiting();
    const auto then = static_cast<Then>(choice >> 1 & 3);
    if (then == Then::kTime) {
      now_.boot = now_.boot + absl::Seconds(choice);
      Do(relay_.Tick(now_.boot));
    } else if (then == Then::kGrant && waiting != calls_.end()) {
      waiting->second = State::kHeld;
      Do(relay_.Granted(waiting->first, now_));
    } else if (then == Then::kRefusal && waiting != calls_.end()) {
      const mcp::CallId call = waiting->first;
      calls_.erase(waiting);
      Do(relay_.Refused(call, "no"));
    }
  }

  std::string End() {
    for (mcp::Piece& piece : client_.Finish()) Do(relay_.FromClient(std::move(piece), now_));
    Do(relay_.ClientInputEnded());
    for (auto waiting = FirstWaiting(); waiting != calls_.end(); waiting = FirstWaiting()) {
      waiting->second = State::kHeld;
      Do(relay_.Granted(waiting->first, now_));
    }
    if (!input_ended_) Note("the server's input goes on");
    for (mcp::Piece& piece : server_.Finish()) Do(relay_.FromServer(std::move(piece), now_));
    Do(relay_.ServerGone());
    if (!calls_.empty()) Note("a lease is left");
    if (passed_ != said_) Note("not what the server said");
    if (relay_.due() != BootTime::InfiniteFuture()) Note("something is due");
    return mistake_;
  }

 private:
  enum class State { kWaits, kHeld };

  std::map<mcp::CallId, State>::iterator FirstWaiting() {
    auto call = calls_.begin();
    while (call != calls_.end() && call->second != State::kWaits) ++call;
    return call;
  }
  void Note(absl::string_view mistake) {
    if (mistake_.empty()) mistake_ = std::string(mistake);
  }
  void Do(mcp::Actions actions) {
    for (const mcp::Action& action : actions) {
      std::visit([this](const auto& one) { Take(one); }, action);
    }
  }
  void Take(const mcp::ToServer&) {
    if (input_ended_) Note("more after the end");
  }
  void Take(const mcp::ToClient& one) {
    if (!one.own) {
      passed_ += one.bytes;
    } else if (!absl::EndsWith(one.bytes, "\n") ||
               mcp::MessageReader()
                   .Read(one.bytes.substr(0, one.bytes.find('\n')))
                   .messages.empty()) {
      Note("a line of our own that is none");
    } else if (!passed_.empty() && passed_.back() != '\n') {
      Note("a line of our own inside another");
    }
  }
  void Take(const mcp::EndServerInput&) {
    if (input_ended_) Note("ends twice");
    input_ended_ = true;
  }
  void Take(const mcp::Ask& one) {
    if (!calls_.emplace(one.call, State::kWaits).second) Note("asked twice");
    if (!IsName(one.tool, 256)) Note("a tool that can't be shown");
  }
  void Take(const mcp::Withdraw& one) { Remove(one.call, State::kWaits); }
  void Take(const mcp::Release& one) {
    Remove(one.call, State::kHeld);
    if (const std::string wrong = Mistake(one.verdict); !wrong.empty()) Note(wrong);
  }
  void Remove(mcp::CallId id, State state) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || call->second != state) return Note("an end of no call");
    calls_.erase(call);
  }

  mcp::Relay relay_{mcp::Terms{.tools = {"*"}, .waiting_bytes_max = 4 * kLineBytesMax}};
  mcp::Lines client_{kLineBytesMax};
  mcp::Lines server_{kLineBytesMax};
  Now now_{BootTime::FromMicros(1), kNow};
  std::map<mcp::CallId, State> calls_;
  std::string said_, passed_;
  bool input_ended_ = false;
  std::string mistake_;
};

}  // namespace

std::string FuzzMcp(absl::string_view input) {
  Scene scene;
  while (!input.empty()) {
    const uint8_t choice = TakeByte(&input);
    scene.Step(choice, input.substr(0, choice));
    input.remove_prefix(std::min<size_t>(choice, input.size()));
  }
  return scene.End();
}

std::string TurnOf(bool client, Then then, absl::string_view text) {
  const int low = (client ? 1 : 0) | static_cast<int>(then) << 1;
  size_t size = text.size();
  while (static_cast<int>(size & 7) != low) ++size;
  return absl::StrCat(std::string(1, static_cast<char>(size)), std::string(size - text.size(), ' '),
                      text);
}

}  // namespace zbroker::fuzz
