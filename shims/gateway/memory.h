// What a gateway remembers of requests that have ended.
#ifndef ZBROKER_SHIMS_GATEWAY_MEMORY_H_
#define ZBROKER_SHIMS_GATEWAY_MEMORY_H_

#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// Prompts that were charged and came to nothing. A client asks for such a one again, as a stream or
// not, and the provider's quota counts what a person asked for: the repeat is a mere call. Not
// thread-safe.
class FailedPrompts {
 public:
  static constexpr size_t kMax = 1024;
  // Clients try again within seconds, some after a minute.
  static constexpr std::chrono::minutes kTime{2};

  void Add(uint64_t fingerprint, LoopTime now);
  bool empty() const { return prompts_.empty(); }
  // Whether there is one of that fingerprint; it is then forgotten.
  bool Take(uint64_t fingerprint, LoopTime now);

 private:
  struct Prompt {
    uint64_t fingerprint;
    LoopTime until;
  };
  std::deque<Prompt> prompts_;  // by time
};

// What a person should be told once, rather than with every request. Not thread-safe.
class Notices {
 public:
  static constexpr size_t kMax = 256;

  // Whether it is the first time. With kMax of them, all are forgotten.
  bool First(const std::string& what);

 private:
  std::set<std::string> told_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_MEMORY_H_
