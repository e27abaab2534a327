// Reading the configuration again, whoever asks for it.
#ifndef ZBROKER_DAEMON_RELOADER_H_
#define ZBROKER_DAEMON_RELOADER_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/mutex.h"
#include "daemon/core/config.h"

namespace zbroker {

// One reload after the other: who asks while one is under way is answered by the next, which reads
// the file after that; so the content that was there last is what stays in force. Thread-safe.
class Reloader {
 public:
  using Done = std::function<void(const absl::Status&)>;
  using Load = std::function<absl::StatusOr<core::BrokerConfig>()>;
  // Puts a configuration in force and then calls `done`, perhaps before it returns.
  using Install = std::function<void(core::BrokerConfig config, Done done)>;

  Reloader(Load load, Install install) : load_(std::move(load)), install_(std::move(install)) {}

  // `done` is called on any thread. On an error the old configuration stays.
  void Request(Done done);

 private:
  void Next();
  void End(const std::vector<Done>& waiting, const absl::Status& status);

  const Load load_;
  const Install install_;
  Mutex mutex_;
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mutex_);  // for the next one
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_RELOADER_H_
