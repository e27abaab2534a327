// What is done with each line between an MCP server and its client: decisions only. No I/O, no
// clock: time is an argument, and what is to be done comes back as actions.
//
// Every line goes on as it came, byte for byte and in order, but for a tools/call of a tool that
// the terms name: that is kept until it has a lease. What comes after it does not wait for it; JSON
// RPC promises no order of requests.
//
//   a line with a call         goes on when there is a lease. A batch has one lease, of a weight of
//                              as many as it has calls, until the last of them is answered: one for
//                              each could wait for itself
//   its answer                 ends the lease, as the answer says. A second one passes
//   no answer                  the lease ends when answer_max is over; what comes later passes
//   two calls of one id        each has its lease; answers end them in the order of the calls
//   an answer to a call that   passes, and the call is dropped: its client has its answer
//     is still kept here
//   notifications/cancelled    of a call that is kept: drops both, so that the server hears of
//                              neither. Of one under way: passes, and the lease ends. A batch is
//                              not taken apart: it is sent with its cancelled call, and passes with
//                              its cancellations
//   waiting                    tells of itself as progress, if the call has a token: after
//                              kSilence, then each kInterval
//   no lease in time, refused  the call is answered here, with a tool's error result. In time is
//                              `patience`, which leaves its client time for the call itself
//   too many calls             beyond kMcpCallsMax, or waiting_bytes_max of them: refused at once
//   a line too long to be      passes as it comes, unread and so without a lease. From the server
//   it
//     kept                     ends all leases, as nobody knows which call it answers
//   garbage, NUL, half lines   pass
//   the client's input ends    so does the server's, once no call is kept. A last line without its
//                              end is what then goes last; within one that was too long, calls
//                              that are kept are dropped
//   the client is gone         calls that are kept are dropped, the server's input ends at once
//   the server is gone, hears  calls that are kept are dropped; leases of those under way end.
//     or says nothing more     Nothing is said to the client, as the server would say nothing
//
// Own lines never stand inside of another line.
#ifndef ZBROKER_SHIMS_MCP_RELAY_H_
#define ZBROKER_SHIMS_MCP_RELAY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/bounds.h"
#include "client/base/clock.h"
#include "shims/mcp/lines.h"
#include "shims/mcp/message.h"
#include "shims/zai/signal.h"

namespace zbroker::mcp {

// Names the calls of one line, from 1.
using CallId = uint64_t;

struct ToServer {
  std::string bytes;
};
struct ToClient {
  std::string bytes;
  bool own = false;
};
// Nothing will be sent to the server any more.
struct EndServerInput {};
// A lease is wanted; Granted() or Refused() is to follow, unless Withdraw comes first.
struct Ask {
  CallId call = 0;
  std::string tool;  // of the first call
  int calls = 1;
};
struct Withdraw {
  CallId call = 0;
};
// The lease of a call ends.
struct Release {
  enum class How {
    kAnswered,    // as the verdict says
    kUnused,      // the call was not made
    kCancelled,   // by its client
    kUnanswered,  // in answer_max
    kServerGone,
  };
  CallId call = 0;
  How how = How::kAnswered;
  zai::Verdict verdict;
};
using Action = std::variant<ToServer, ToClient, EndServerInput, Ask, Withdraw, Release>;
using Actions = std::vector<Action>;

struct Terms {
  std::vector<std::string> tools = {"*"};  // globs: whose calls take leases; none: nobody's
  absl::Duration patience = absl::Seconds(40);
  absl::Duration answer_max = absl::Minutes(15);
  size_t waiting_bytes_max = kMcpWaitingBytesMax;
};

// Not thread-safe.
class Relay {
 public:
  static constexpr absl::Duration kSilence = absl::Seconds(1);
  static constexpr absl::Duration kInterval = absl::Seconds(10);

  explicit Relay(Terms terms) : terms_(std::move(terms)) {}

  Actions FromClient(Piece piece, const Now& now);
  Actions FromServer(Piece piece, const Now& now);

  // What an Ask has come to. A grant may also be of no lease, for who is to go without.
  Actions Granted(CallId call, const Now& now);
  Actions Refused(CallId call, absl::string_view text);
  // What the call waits for, in words; those are in its progress.
  void SetState(CallId call, std::string state);

  Actions ClientInputEnded();
  Actions ClientGone();
  Actions ServerGone();

  // Does what is due. To be called at due() at the latest.
  Actions Tick(BootTime now);
  BootTime due() const;

  // Lines of our own that stand back until the server's long line has ended.
  size_t held_back_bytes() const { return for_client_.size(); }

 private:
  // One line with calls that need a lease.
  struct Call {
    std::string line;  // until it is sent
    bool batch = false;
    std::vector<Message> requests;  // until it is sent: those that want an answer
    std::vector<std::string> open;  // ids of calls that are not answered yet
    std::string progress_token;     // of the first call that has one
    std::string state;
    int told = 0;  // progress
    bool sent = false;
    bool last = false;     // nothing comes after it, and it has no end
    BootTime next;         // progress, while it waits
    BootTime until;        // patience, then answer_max
    zai::Verdict verdict;  // the first that is none of success
  };
  using Calls = std::map<CallId, Call>;

  bool NeedsLease(const Message& message) const;
  void Keep(MessageLine line, Piece piece, const Now& now, Actions& actions);
  void Send(std::string bytes, Actions& actions);
  void Say(std::string line, Actions& actions);
  void Refuse(Calls::iterator call, absl::string_view text, Actions& actions);
  // Whether the server must not hear of it.
  bool Cancel(const std::string& id, Actions& actions);
  void Answer(const Message& message, absl::string_view text, const Now& now, Actions& actions);
  void DropWaiting(Actions& actions);
  void EndUnderWay(Release::How how, Actions& actions);
  // The server's input ends, if nothing more can come.
  void EndInputIfDone(Actions& actions);
  Calls::iterator Find(const std::string& id, bool sent);
  bool any_waits() const;

  const Terms terms_;
  MessageReader reader_;
  CallId last_call_ = 0;
  Calls calls_;
  size_t waiting_bytes_ = 0;

  bool in_long_line_to_server_ = false;
  bool in_long_line_to_client_ = false;
  std::string for_server_;  // what stands back until the long line has ended
  std::string for_client_;
  std::string tail_;  // the client's last line, which has no end
  bool client_ended_ = false;
  bool server_gone_ = false;
  bool server_input_ended_ = false;
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_RELAY_H_
