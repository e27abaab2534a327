// What one lease takes, or would take, from the windows of its account.
//
// Only Quota prices, names and counts charges; to everybody else they are a value to be kept with
// the lease, compared, and set off against another. They stay valid when the account is configured
// anew: a window that is gone is passed over, and one that is new is charged nothing.
#ifndef ZBROKER_DAEMON_CORE_CHARGES_H_
#define ZBROKER_DAEMON_CORE_CHARGES_H_

#include <cstdint>
#include <vector>

#include "daemon/core/amount.h"

namespace zbroker::core {

// Windows of an account by their place in its configuration; see AccountConfig::kWindowsMax.
using WindowSet = uint32_t;

class Charges {
 public:
  bool empty() const { return parts_.empty(); }

  // The windows that are charged, as the account was configured when the charges were priced.
  WindowSet windows() const { return windows_; }

  // What is left of these, window by window, after `credit` has paid for as much as it can.
  Charges Beyond(const Charges& credit) const;

  // Window by window; less than nothing is nothing.
  void Add(const Charges& more);
  void Subtract(const Charges& less);

  bool operator==(const Charges&) const = default;

 private:
  friend class Quota;
  friend struct ChargesForTest;

  // The number of a window, which stays its own for the life of the account.
  using WindowId = uint32_t;
  struct Part {
    WindowId window = 0;
    Amount amount;        // never zero
    bool excess = false;  // it goes beyond a limit that is probed; see Window

    bool operator==(const Part&) const = default;
  };

  Amount Of(WindowId window) const;

  std::vector<Part> parts_;  // by window
  WindowSet windows_ = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_CHARGES_H_
