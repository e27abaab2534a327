// The places in the queue of clients that went away: most come back at once with the same request,
// because they only lost their patience.
#ifndef ZBROKER_SHIMS_LEASE_KEPT_PLACES_H_
#define ZBROKER_SHIMS_LEASE_KEPT_PLACES_H_

#include <cstdint>
#include <deque>
#include <string>

#include "shims/lease/asio.h"

namespace zbroker::lease {

// Not thread-safe.
class KeptPlaces {
 public:
  static constexpr size_t kMax = 1024;
  // As long as the daemon keeps a place.
  static constexpr std::chrono::seconds kTime{5};

  void Add(uint64_t fingerprint, std::string ticket, LoopTime now);
  // Nothing is to be taken: no request needs its fingerprint.
  bool empty() const { return places_.empty(); }
  // The ticket of a request of that fingerprint, for one that comes again; empty if there is none.
  std::string Take(uint64_t fingerprint, LoopTime now);

 private:
  struct Place {
    uint64_t fingerprint;
    std::string ticket;
    LoopTime until;
  };

  std::deque<Place> places_;  // by time
};

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_KEPT_PLACES_H_
