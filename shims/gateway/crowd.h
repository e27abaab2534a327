// The connections of a gateway, and which of them goes when there are too many.
//
// Every program of this machine can connect, other users' too. So a connection counts for nothing
// until a request with the token has come on it: those that have had time to show it and have not
// go first, and then those between two requests. One with a request under way stays.
#ifndef ZBROKER_SHIMS_GATEWAY_CROWD_H_
#define ZBROKER_SHIMS_GATEWAY_CROWD_H_

#include <cstdint>
#include <functional>
#include <map>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// Not thread-safe.
class Crowd {
 public:
  // A program of this machine connects when it has something to ask.
  static constexpr std::chrono::milliseconds kGrace{250};

  // A connection, for as long as this lives. It has shown no token yet.
  class Member {
   public:
    // `end` has the connection end soon, not at once; it is called from MakeRoom and EndAll, as
    // often as these choose. The crowd must outlive this.
    Member(Crowd& crowd, LoopTime now, std::function<void()> end);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    // A request with the token has come, and is served until SetIdle.
    void SetBusy();
    // REQUIRES: SetBusy() was called before.
    void SetIdle();
    // A request with the token has come on it.
    bool proven() const { return proven_; }

   private:
    friend class Crowd;
    using Queue = std::map<uint64_t, Member*>;  // the oldest first

    // `queue`: where it waits to be ended; nullptr: nowhere.
    void MoveTo(Queue* queue);

    Crowd& crowd_;
    const LoopTime since_;
    const std::function<void()> end_;
    bool proven_ = false;
    Queue* queue_ = nullptr;
    uint64_t at_ = 0;  // its key in the queue
  };

  Crowd() = default;
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Those that are ending included.
  size_t size() const { return size_; }

  // Ends one that has no request under way: the one that has been without the token for longest, if
  // that is longer than kGrace; else the one that has been idle for longest; else the first again.
  void MakeRoom(LoopTime now);
  bool all_busy() const { return unproven_.empty() && idle_.empty(); }
  // Ends all of them.
  void EndAll();

 private:
  size_t size_ = 0;
  uint64_t next_ = 1;
  Member::Queue unproven_;
  Member::Queue idle_;
  Member::Queue staying_;  // busy, or ending already
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CROWD_H_
