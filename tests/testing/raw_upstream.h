// An upstream that answers with whatever bytes a test wants, and breaks off when it wants.
#ifndef ZBROKER_TESTS_TESTING_RAW_UPSTREAM_H_
#define ZBROKER_TESTS_TESTING_RAW_UPSTREAM_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/base/fd.h"
#include "client/base/mutex.h"

namespace zbroker::testing {

// Listens on loopback. Each connection has a thread, which reads a request and has the test serve
// it, again and again.
class RawUpstream {
 public:
  struct Request {
    int number = 0;    // 1 is the first of all
    std::string head;  // as it came, with its empty line
    std::string body;
  };

  // The connection that a request came on.
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    // False when the other end is gone.
    bool Send(absl::string_view bytes) const;
    // Waits until the other end has closed, or the test is over.
    void AwaitEnd() const;
    // Has the connection end with a TCP reset rather than in order.
    void Reset() const;

   private:
    const int socket_;
  };

  // Whether another request may come on the connection; else it is closed.
  using Serve = std::function<bool(const Request&, const Peer&)>;

  // `serve` runs on several threads.
  explicit RawUpstream(Serve serve);
  // Ends all connections and waits for what serves them.
  ~RawUpstream();
  RawUpstream(const RawUpstream&) = delete;
  RawUpstream& operator=(const RawUpstream&) = delete;

  // Always these bytes, and then the end of the connection.
  static Serve Always(std::string answer);

  std::string url() const;
  // What has come so far.
  std::vector<Request> requests() const;
  // Requests that are being served.
  int serving() const;
  // Connections that were made.
  int connections() const;

 private:
  void Accept();
  void ServeConnection(int socket);
  bool ServeOne(int socket, std::string& buffer);

  const Serve serve_;
  Fd listener_;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;  // of connections; the accepting thread's until that has ended
  std::thread accepting_;

  mutable Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int serving_ ABSL_GUARDED_BY(mutex_) = 0;
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::set<int> sockets_ ABSL_GUARDED_BY(mutex_);  // open
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_RAW_UPSTREAM_H_
