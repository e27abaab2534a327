// What an account's work was like of late, so that work to come can be judged.
#ifndef ZBROKER_SHIMS_AGENTS_EXPERIENCE_H_
#define ZBROKER_SHIMS_AGENTS_EXPERIENCE_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

class Experience {
 public:
  // How far back, and how much of it at most, is worth looking at.
  static constexpr absl::Duration kReach = absl::Hours(24);
  static constexpr uint32_t kRowsMax = 500;

  // A lease of the ledger. Only model requests that were served count.
  void Add(const v1::LedgerRow& row);

  // Model requests that follow from a prompt, that one not counted: what the provider says of it
  // until there is some experience.
  double calls_per_prompt() const;
  // How long a request holds its slot; empty while little is known.
  std::optional<absl::Duration> held() const;

 private:
  uint32_t prompts_ = 0;
  uint32_t calls_ = 0;
  absl::Duration held_;
};

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_EXPERIENCE_H_
