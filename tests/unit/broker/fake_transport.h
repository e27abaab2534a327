#ifndef ZBROKER_TESTS_UNIT_BROKER_FAKE_TRANSPORT_H_
#define ZBROKER_TESTS_UNIT_BROKER_FAKE_TRANSPORT_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/base/mutex.h"
#include "client/broker/transport.h"
#include "tests/testing/process.h"
#include "tests/unit/broker/fake_stream.h"

namespace zbroker::broker {

// A daemon of the test's: streams to it open as long as it is up, and it answers when the test says
// so, on a thread of the stream, like gRPC. Outlives its transports. Thread-safe.
class FakeDaemon {
 public:
  // What is said to it, on all streams.
  std::vector<std::string> Heard() const {
    MutexLock lock(mutex_);
    return heard_;
  }
  bool WaitFor(const std::string& line) const {
    return testing::WaitUntil([&] {
      const std::vector<std::string> heard = Heard();
      return std::find(heard.begin(), heard.end(), line) != heard.end();
    });
  }
  size_t streams() const {
    MutexLock lock(mutex_);
    return opened_;
  }
  // The thread of the client that opened the last one.
  std::thread::id opener() const {
    MutexLock lock(mutex_);
    return opener_;
  }
  // Until the client has destroyed it.
  bool HasStream() const {
    MutexLock lock(mutex_);
    return has_stream_;
  }

  // Whether streams open.
  void SetUp(bool up) {
    MutexLock lock(mutex_);
    up_ = up;
  }

  // Says something on the present stream. Returns when the client has heard it.
  void Say(const v1::SessionReply& reply) {
    Stream::Callbacks callbacks;
    {
      MutexLock lock(mutex_);
      if (current_ == nullptr) return;
      callbacks = current_->callbacks;
      ++callbacks_running_;
    }
    std::thread([&] { callbacks.on_reply(reply); }).join();
    MutexLock lock(mutex_);
    --callbacks_running_;
    callback_over_.SignalAll();
  }
  void Grant(const std::string& ticket, uint64_t lease_id) {
    v1::SessionReply reply;
    reply.mutable_granted()->set_ticket(ticket);
    reply.mutable_granted()->set_lease_id(lease_id);
    Say(reply);
  }
  void Released(uint64_t lease_id) {
    v1::SessionReply reply;
    reply.mutable_released()->set_lease_id(lease_id);
    Say(reply);
  }
  // Ends the present stream.
  void Hangup() { End(absl::UnavailableError("hung up")); }

  std::unique_ptr<Transport> MakeTransport() { return std::make_unique<FakeTransport>(*this); }

 private:
  struct Current {
    Stream::Callbacks callbacks;
  };

  class OpenStream final : public Stream {
   public:
    explicit OpenStream(FakeDaemon& daemon) : daemon_(daemon) {}
    ~OpenStream() override { daemon_.EndByClient(); }
    void Send(v1::SessionRequest request) override {
      MutexLock lock(daemon_.mutex_);
      daemon_.heard_.push_back(Describe(request));
    }
    void Cancel() override {
      MutexLock lock(daemon_.mutex_);
      daemon_.StartEndLocked(absl::CancelledError("cancelled"));
    }

   private:
    FakeDaemon& daemon_;
  };

  class FakeTransport final : public Transport {
   public:
    explicit FakeTransport(FakeDaemon& daemon) : daemon_(daemon) {}
    absl::StatusOr<std::unique_ptr<Stream>> Open(Stream::Callbacks callbacks,
                                                 const std::function<bool()>&) override {
      MutexLock lock(daemon_.mutex_);
      if (!daemon_.up_) return absl::UnavailableError("nobody");
      ++daemon_.opened_;
      daemon_.has_stream_ = true;
      daemon_.opener_ = std::this_thread::get_id();
      daemon_.current_ = std::make_shared<Current>(Current{std::move(callbacks)});
      return std::make_unique<OpenStream>(daemon_);
    }

   private:
    FakeDaemon& daemon_;
  };

  void StartEndLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (current_ == nullptr) return;
    ender_ =
        std::thread([ended = std::move(current_), status] { ended->callbacks.on_end(status); });
    current_ = nullptr;
  }
  void End(const absl::Status& status) {
    MutexLock lock(mutex_);
    StartEndLocked(status);
  }
  void EndByClient() {
    std::thread ender;
    {
      MutexLock lock(mutex_);
      StartEndLocked(absl::CancelledError("destroyed"));
      ender = std::move(ender_);
      // As with gRPC, whose streams end when no callback runs.
      while (callbacks_running_ > 0) callback_over_.Wait(mutex_);
    }
    if (ender.joinable()) ender.join();
    MutexLock lock(mutex_);
    has_stream_ = false;
  }

  mutable Mutex mutex_;
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Current> current_ ABSL_GUARDED_BY(mutex_);
  bool up_ ABSL_GUARDED_BY(mutex_) = true;
  bool has_stream_ ABSL_GUARDED_BY(mutex_) = false;
  size_t opened_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread::id opener_ ABSL_GUARDED_BY(mutex_);
  size_t callbacks_running_ ABSL_GUARDED_BY(mutex_) = 0;
  CondVar callback_over_;
  std::thread ender_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zbroker::broker

#endif  // ZBROKER_TESTS_UNIT_BROKER_FAKE_TRANSPORT_H_
