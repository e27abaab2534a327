// What a broker says and shows, as text: two brokers that agree on it are in the same state, as far
// as anybody can tell.
#ifndef ZBROKER_TESTS_SIM_TRANSCRIPT_H_
#define ZBROKER_TESTS_SIM_TRANSCRIPT_H_

#include <string>
#include <vector>

#include "daemon/core/event.h"
#include "daemon/core/record.h"
#include "daemon/core/snapshot.h"

namespace zbroker::sim {

// One line for each record and event.
std::string TextOf(const core::Effects& effects);
std::string TextOf(const std::vector<core::AddressedEvent>& events);
std::string TextOf(const core::Snapshot& snapshot);

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_TRANSCRIPT_H_
