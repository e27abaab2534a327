// A look that may take longer than anybody wants to wait.
#ifndef ZBROKER_SHIMS_DOCTOR_LOOK_H_
#define ZBROKER_SHIMS_DOCTOR_LOOK_H_

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace zbroker::doctor {

using Deadline = std::chrono::steady_clock::time_point;

// Looks on a thread of its own, from the beginning of its life on. One that is late, as on a file
// system whose server is gone, is left behind: it goes on until the process ends, so what it uses
// must live as long. Move-only.
template <typename T>
class Look {
 public:
  explicit Look(std::function<T()> look) {
    std::packaged_task<T()> task(std::move(look));
    result_ = task.get_future();
    try {
      std::thread(std::move(task)).detach();
    } catch (const std::system_error&) {
      result_ = {};  // no thread is to be had
    }
  }

  // What was seen; empty if it isn't done by then. To be called once.
  std::optional<T> Take(Deadline deadline) {
    if (!result_.valid()) return std::nullopt;
    if (result_.wait_until(deadline) != std::future_status::ready) return std::nullopt;
    return result_.get();
  }

 private:
  std::future<T> result_;
};

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_LOOK_H_
