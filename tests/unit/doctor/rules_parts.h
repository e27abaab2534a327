// What tests of rules find, and change of a machine on which all is well.
#ifndef ZBROKER_TESTS_UNIT_DOCTOR_RULES_PARTS_H_
#define ZBROKER_TESTS_UNIT_DOCTOR_RULES_PARTS_H_

#include <string>
#include <vector>

#include "client/base/proto_time.h"
#include "shims/doctor/rules.h"
#include "tests/unit/doctor/healthy.h"

namespace zbroker::doctor {

inline std::vector<std::string> Names(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& one : findings) names.emplace_back(KindOf(one.id).name);
  return names;
}

inline std::vector<std::string> Found(const Facts& facts) { return Names(Diagnose(facts)); }

inline v1::AccountStatus& Account(Facts& facts) { return *facts.daemon.status.mutable_accounts(0); }

inline v1::Block& AddBlock(Facts& facts, v1::BlockReason reason) {
  v1::Block& block = *Account(facts).add_blocks();
  block.set_reason(reason);
  SetProtoTime(facts.now + absl::Hours(2), block.mutable_until());
  return block;
}

inline DirectoryFacts& Directory(Facts& facts) { return facts.directories[0]; }

inline LedgerFacts& Ledger(Facts& facts) { return facts.ledger; }

inline v1::LearnedLimit& Learn(Facts& facts, uint32_t limit) {
  v1::LearnedLimit& learned = *Account(facts).mutable_slots()->add_learned_limits();
  learned.set_in_force(true);
  learned.set_limit(limit);
  learned.set_reason("throttled (1302) with 2 in flight");
  return learned;
}

// A window of a plan's, and what the meter allows in it.
inline void AddMonth(Facts& facts, double limit, double allowed) {
  v1::WindowStatus& window = *Account(facts).add_windows();
  window.set_name("mcp");
  window.set_unit("mcp_calls");
  window.set_months(1);
  window.set_limit(limit);
  window.set_enforce("probe");
  v1::MeterReading& reading = *Account(facts).mutable_meter()->add_readings();
  reading.set_unit("mcp_calls");
  reading.set_months(1);
  reading.set_limit(allowed);
}

inline ConnectionFacts Script() {
  return {.pid = 77,
          .program = "ask",
          .command = "python3 ask.py",
          .to = "api.z.ai:443",
          .ancestors = {77, 5}};
}

}  // namespace zbroker::doctor

#endif  // ZBROKER_TESTS_UNIT_DOCTOR_RULES_PARTS_H_
