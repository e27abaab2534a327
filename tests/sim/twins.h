// The broker of a history, and its twin: given the same commands at the same times, but settled
// more often than it asks to be. Whatever time brings about must happen at NextDeadline(), and
// depend on nothing but time; so the twin says and shows the same, and its extra settling nothing.
#ifndef ZBROKER_TESTS_SIM_TWINS_H_
#define ZBROKER_TESTS_SIM_TWINS_H_

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/core/broker.h"

namespace zbroker::sim {

// The interface of core::Broker. Each call fails the test if the twins' answers differ.
class Twins {
 public:
  explicit Twins(uint32_t seed) : random_(seed) {}

  // A new daemon.
  void Start(const core::BrokerConfig& config, const core::WallClock& wall);

  void Restore(const core::Recovered& recovered, BootTime now);
  void SetWallClock(const core::WallClock& wall);
  void Reconfigure(const core::BrokerConfig& config, const core::Recovered& recovered,
                   BootTime now);
  void Apply(const core::Command& command, BootTime now);
  // Ends the batch; returns all effects since the last one.
  core::Effects Settle(BootTime now);
  // REQUIRES: `effects` are those of the last Settle().
  void LedgerFailed(const absl::Status& cause, core::Effects& effects,
                    std::vector<core::AddressedEvent>& refusals);
  void LedgerWorks();
  void GoDown();
  BootTime NextDeadline() const;
  core::Snapshot TakeSnapshot(BootTime now);

  // Time goes on to `to` without a deadline in between, but for one at `to`.
  void PassTime(BootTime from, BootTime to);

  // Adds to the transcript what was done to the broker other than by a command.
  void Note(BootTime now, const std::string& what);

  // What the broker would show.
  std::string Describe(BootTime now) const;

  // What was said so far, a line a fact.
  const std::string& transcript() const { return transcript_; }

 private:
  std::optional<core::Broker> broker_, twin_;
  core::Effects effects_, twin_effects_;
  core::Effects twin_settled_;  // what the twin's last Settle returned
  std::map<std::string, std::string> knowledge_, twin_knowledge_;
  bool failing_ = false;  // the ledger
  std::mt19937 random_;
  std::string transcript_;
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_TWINS_H_
