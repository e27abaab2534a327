#include "daemon/reloader.h"

#include <utility>

namespace zbroker {

void Reloader::Request(Done done) {
  {
    MutexLock lock(mutex_);
    waiting_.push_back(std::move(done));
    if (std::exchange(under_way_, true)) return;
  }
  Next();
}

void Reloader::Next() {
  std::vector<Done> waiting;
  {
    MutexLock lock(mutex_);
    if (waiting_.empty()) {
      under_way_ = false;
      return;
    }
    waiting = std::exchange(waiting_, {});
  }
  auto config = load_();
  if (!config.ok()) return End(waiting, config.status());
  install_(*std::move(config), [this, waiting = std::move(waiting)](const absl::Status& status) {
    End(waiting, status);
  });
}

void Reloader::End(const std::vector<Done>& waiting, const absl::Status& status) {
  for (const Done& done : waiting) done(status);
  Next();
}

}  // namespace zbroker
