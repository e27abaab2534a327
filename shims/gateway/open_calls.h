// Calls of tools over HTTP that have not ended, for messages of their sessions that cancel them.
#ifndef ZBROKER_SHIMS_GATEWAY_OPEN_CALLS_H_
#define ZBROKER_SHIMS_GATEWAY_OPEN_CALLS_H_

#include <sys/types.h>

#include <compare>
#include <functional>
#include <map>
#include <string>

namespace zbroker::gateway {

// What names a call. Ids are counted by each client, so they say nothing without a session; of a
// server that has none the client's process stands for it.
struct CallName {
  std::string session;  // Mcp-Session-Id
  pid_t pid = 0;        // where there is no session
  std::string below;    // the target, whose query has the session in the old form of the transport
  std::string id;       // as JSON

  // Whether it can be told whose it is.
  bool known() const { return !id.empty() && (!session.empty() || pid != 0); }
  auto operator<=>(const CallName&) const = default;
};

// Not thread-safe.
class OpenCalls {
 public:
  // A call, for as long as this lives.
  class Entry {
   public:
    // `cancel` returns whether the server has not heard of the call. The calls must outlive this.
    Entry(OpenCalls& calls, CallName name, std::function<bool()> cancel);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    OpenCalls& calls_;
    std::multimap<CallName, std::function<bool()>>::iterator at_;
  };

  bool empty() const { return calls_.empty(); }
  // Cancels the calls of that name. Whether there were any and the server has heard of none.
  bool Cancel(const CallName& name);

 private:
  std::multimap<CallName, std::function<bool()>> calls_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_OPEN_CALLS_H_
