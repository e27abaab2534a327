#include "shims/mcp/relay.h"

#include <algorithm>
#include <utility>

#include "client/base/glob.h"
#include "shims/mcp/own_words.h"
#include "shims/zai/classify.h"
#include "shims/zai/endpoint.h"

namespace zbroker::mcp {
namespace {

constexpr zai::Endpoint kEndpoint{.protocol = zai::Protocol::kMcp, .mcp = true};

constexpr absl::string_view kTooMany =
    "zbroker did not run this tool call: too many calls of this server are open. Wait for the "
    "others, then call again.";

// In words that may be kept: what a tool wrote is no concern of the ledger's.
zai::Verdict VerdictOf(absl::string_view answer, absl::Time now) {
  zai::Verdict verdict = zai::ClassifyResponse(kEndpoint, {.status = 200, .body = answer}, now);
  if (!verdict.known_code) verdict.message.clear();
  return verdict;
}

}  // namespace

bool Relay::NeedsLease(const Message& message) const {
  return message.kind == Message::Kind::kCall && AnyGlobMatches(terms_.tools, message.tool);
}

Actions Relay::FromClient(Piece piece, const Now& now) {
  Actions actions;
  if (!piece.whole || terms_.tools.empty()) {
    in_long_line_to_server_ = !piece.ends;
    actions.emplace_back(ToServer{std::move(piece.bytes)});
    if (piece.ends && !for_server_.empty()) {
      actions.emplace_back(ToServer{std::exchange(for_server_, {})});
    }
    return actions;
  }
  MessageLine line = reader_.Read(piece.bytes);
  bool swallow = false;
  bool needs_lease = false;
  for (const Message& message : line.messages) {
    if (message.kind == Message::Kind::kCancel) swallow |= Cancel(message.id, actions);
    needs_lease |= NeedsLease(message);
  }
  if (needs_lease && !server_gone_) {
    Keep(std::move(line), std::move(piece), now, actions);
  } else if (swallow && !line.batch) {
    // The server does not know that call.
  } else if (!piece.ends) {
    tail_ = std::move(piece.bytes);
  } else {
    Send(std::move(piece.bytes), actions);
  }
  return actions;
}

void Relay::Keep(MessageLine line, Piece piece, const Now& now, Actions& actions) {
  Call call{.batch = line.batch,
            .last = !piece.ends,
            .next = now.boot + kSilence,
            .until = now.boot + terms_.patience};
  std::string tool;
  for (Message& message : line.messages) {
    if (NeedsLease(message)) {
      if (call.open.empty()) tool = message.tool;
      call.open.push_back(message.id);
      if (call.progress_token.empty()) call.progress_token = message.progress_token;
    }
    const bool wants_answer =
        message.kind == Message::Kind::kCall || message.kind == Message::Kind::kRequest;
    if (wants_answer) call.requests.push_back(std::move(message));
  }
  const size_t bytes = piece.bytes.size();
  if (calls_.size() >= kMcpCallsMax || waiting_bytes_ + bytes > terms_.waiting_bytes_max) {
    Say(RefusalLine(call.batch, call.requests, kTooMany), actions);
    return;
  }
  waiting_bytes_ += bytes;
  call.line = std::move(piece.bytes);
  const int calls = static_cast<int>(call.open.size());
  calls_.emplace(++last_call_, std::move(call));
  actions.emplace_back(Ask{last_call_, std::move(tool), calls});
}

Actions Relay::Granted(CallId id, const Now& now) {
  Actions actions;
  const auto found = calls_.find(id);
  if (found == calls_.end() || found->second.sent) {
    actions.emplace_back(Release{id, Release::How::kUnused, {}});
    return actions;
  }
  Call& call = found->second;
  call.sent = true;
  call.until = now.boot + terms_.answer_max;
  call.requests.clear();
  waiting_bytes_ -= call.line.size();
  if (call.last) {
    tail_ = std::exchange(call.line, {});
  } else {
    Send(std::exchange(call.line, {}), actions);
  }
  EndInputIfDone(actions);
  return actions;
}

Actions Relay::Refused(CallId id, absl::string_view text) {
  Actions actions;
  const auto call = calls_.find(id);
  if (call != calls_.end() && !call->second.sent) Refuse(call, text, actions);
  return actions;
}

void Relay::Refuse(Calls::iterator call, absl::string_view text, Actions& actions) {
  Say(RefusalLine(call->second.batch, call->second.requests, text), actions);
  waiting_bytes_ -= call->second.line.size();
  calls_.erase(call);
  EndInputIfDone(actions);
}

void Relay::SetState(CallId id, std::string state) {
  const auto call = calls_.find(id);
  if (call != calls_.end()) call->second.state = std::move(state);
}

Actions Relay::FromServer(Piece piece, const Now& now) {
  Actions actions;
  if (!piece.whole) {
    if (!in_long_line_to_client_) EndUnderWay(Release::How::kAnswered, actions);
  } else if (!calls_.empty()) {
    for (const Message& message : reader_.Read(piece.bytes).messages) {
      if (message.kind != Message::Kind::kAnswer) continue;
      Answer(message, message.text.empty() ? absl::string_view(piece.bytes) : message.text, now,
             actions);
    }
  }
  in_long_line_to_client_ = !piece.ends;
  actions.emplace_back(ToClient{std::move(piece.bytes), /*own=*/false});
  if (piece.ends && !for_client_.empty()) {
    actions.emplace_back(ToClient{std::exchange(for_client_, {}), /*own=*/true});
  }
  return actions;
}

Relay::Calls::iterator Relay::Find(const std::string& id, bool sent) {
  return std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    const Call& call = entry.second;
    return call.sent == sent && std::ranges::find(call.open, id) != call.open.end();
  });
}

void Relay::Answer(const Message& message, absl::string_view text, const Now& now,
                   Actions& actions) {
  auto found = Find(message.id, /*sent=*/true);
  if (found == calls_.end()) found = Find(message.id, /*sent=*/false);
  if (found == calls_.end()) return;
  Call& call = found->second;
  call.open.erase(std::ranges::find(call.open, message.id));
  zai::Verdict verdict = VerdictOf(text, now.wall);
  if (call.verdict.signal == zai::Signal::kNone) call.verdict = std::move(verdict);
  if (!call.open.empty()) return;
  if (call.sent) {
    actions.emplace_back(Release{found->first, Release::How::kAnswered, std::move(call.verdict)});
  } else {
    waiting_bytes_ -= call.line.size();
    actions.emplace_back(Withdraw{found->first});
  }
  calls_.erase(found);
  EndInputIfDone(actions);
}

bool Relay::Cancel(const std::string& id, Actions& actions) {
  if (const auto kept = Find(id, /*sent=*/false); kept != calls_.end() && !kept->second.batch) {
    waiting_bytes_ -= kept->second.line.size();
    actions.emplace_back(Withdraw{kept->first});
    calls_.erase(kept);
    EndInputIfDone(actions);
    return true;
  }
  const auto found = Find(id, /*sent=*/true);
  if (found == calls_.end()) return false;
  Call& call = found->second;
  call.open.erase(std::ranges::find(call.open, id));
  if (!call.open.empty()) return false;
  actions.emplace_back(Release{found->first, Release::How::kCancelled, {}});
  calls_.erase(found);
  return false;
}

void Relay::Send(std::string bytes, Actions& actions) {
  if (in_long_line_to_server_) {
    for_server_ += bytes;
  } else {
    actions.emplace_back(ToServer{std::move(bytes)});
  }
}

void Relay::Say(std::string line, Actions& actions) {
  if (in_long_line_to_client_) {
    for_client_ += line;
  } else {
    actions.emplace_back(ToClient{std::move(line), /*own=*/true});
  }
}

bool Relay::any_waits() const {
  return std::ranges::any_of(calls_, [](const auto& entry) { return !entry.second.sent; });
}

void Relay::EndInputIfDone(Actions& actions) {
  if (!client_ended_ || server_input_ended_ || any_waits()) return;
  server_input_ended_ = true;
  if (!tail_.empty()) actions.emplace_back(ToServer{std::exchange(tail_, {})});
  actions.emplace_back(EndServerInput{});
}

Actions Relay::ClientInputEnded() {
  Actions actions;
  client_ended_ = true;
  // Its end will not come, so no line can follow it.
  if (in_long_line_to_server_) DropWaiting(actions);
  EndInputIfDone(actions);
  return actions;
}

Actions Relay::ClientGone() {
  Actions actions;
  client_ended_ = true;
  DropWaiting(actions);
  EndInputIfDone(actions);
  return actions;
}

Actions Relay::ServerGone() {
  Actions actions;
  server_gone_ = true;
  DropWaiting(actions);
  EndUnderWay(Release::How::kServerGone, actions);
  EndInputIfDone(actions);
  return actions;
}

void Relay::DropWaiting(Actions& actions) {
  std::erase_if(calls_, [&](const auto& entry) {
    if (!entry.second.sent) actions.emplace_back(Withdraw{entry.first});
    return !entry.second.sent;
  });
  waiting_bytes_ = 0;
}

void Relay::EndUnderWay(Release::How how, Actions& actions) {
  std::erase_if(calls_, [&](const auto& entry) {
    if (entry.second.sent) actions.emplace_back(Release{entry.first, how, {}});
    return entry.second.sent;
  });
}

Actions Relay::Tick(BootTime now) {
  Actions actions;
  for (auto next = calls_.begin(); next != calls_.end();) {
    const auto at = next++;
    Call& call = at->second;
    if (now >= call.until && call.sent) {
      actions.emplace_back(Release{at->first, Release::How::kUnanswered, {}});
      calls_.erase(at);
    } else if (now >= call.until) {
      actions.emplace_back(Withdraw{at->first});
      const std::string text = PatienceWords(terms_.patience, call.state);
      Refuse(at, text, actions);
    } else if (!call.sent && now >= call.next) {
      call.next = now + kInterval;
      if (call.progress_token.empty() || in_long_line_to_client_) continue;
      if (call.state.empty()) call.state = "waiting";
      Say(ProgressLine(call.progress_token, ++call.told, call.state), actions);
    }
  }
  return actions;
}

BootTime Relay::due() const {
  BootTime due = BootTime::InfiniteFuture();
  for (const auto& [id, call] : calls_) {
    due = std::min(due, call.sent ? call.until : std::min(call.until, call.next));
  }
  return due;
}

}  // namespace zbroker::mcp
