#include "client/base/ticket.h"

#include <random>

#include "absl/strings/str_format.h"

namespace zbroker {

std::string NewTicket() {
  std::random_device random;
  return absl::StrFormat("%08x%08x%08x%08x", random(), random(), random(), random());
}

}  // namespace zbroker
