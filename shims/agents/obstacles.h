// What keeps an account's requests back.
#ifndef ZBROKER_SHIMS_AGENTS_OBSTACLES_H_
#define ZBROKER_SHIMS_AGENTS_OBSTACLES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "zbroker/v1/agent.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

// All that stands, the gravest first: what the account is blocked by, and what the upstream has
// blocked. Pauses of a part of the work are none, as nobody can tell to which part an agent
// belongs. Texts are fit to be shown.
std::vector<v1::Obstacle> ObstaclesOf(const v1::AccountStatus& account);

// Whether it passes within seconds, so that requests simply wait for its end.
bool IsBrief(const v1::Obstacle& obstacle);

// Whether requests of the model meet it; an empty model is not known, and meets what is of all.
bool Stops(const v1::Obstacle& obstacle, const std::string& model);

// "The account's quota is used up until 14:05 (in 1h51m): Usage limit reached": a sentence without
// its full stop.
std::string Describe(const v1::Obstacle& obstacle, absl::Time now, absl::TimeZone zone);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_OBSTACLES_H_
