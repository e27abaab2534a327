#include "daemon/core/charges.h"

#include <algorithm>

namespace zbroker::core {

Amount Charges::Of(WindowId window) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.window == window; });
  return found == parts_.end() ? Amount() : found->amount;
}

Charges Charges::Beyond(const Charges& credit) const {
  Charges left = *this;
  left.Subtract(credit);
  return left;
}

void Charges::Add(const Charges& more) {
  windows_ |= more.windows_;
  for (const Part& part : more.parts_) {
    const auto at =
        std::lower_bound(parts_.begin(), parts_.end(), part,
                         [](const Part& a, const Part& b) { return a.window < b.window; });
    if (at != parts_.end() && at->window == part.window) {
      at->amount += part.amount;
    } else {
      parts_.insert(at, part);
    }
  }
}

void Charges::Subtract(const Charges& less) {
  for (Part& part : parts_) part.amount -= std::min(part.amount, less.Of(part.window));
  parts_.erase(std::remove_if(parts_.begin(), parts_.end(),
                              [](const Part& part) { return part.amount == Amount(); }),
               parts_.end());
}

}  // namespace zbroker::core
