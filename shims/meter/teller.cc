#include "shims/meter/teller.h"

namespace zbroker::meter {

std::vector<Teller::Line> Teller::Tell(const Reader::Round& round, const std::string& advice) {
  using RoundState = Reader::Round::State;
  std::vector<Line> lines;
  const bool bad = round.state == RoundState::kTrouble || round.state == RoundState::kNoDaemon;
  if (bad && round.words != trouble_) lines.push_back({true, round.words});
  if (round.state == RoundState::kRead) {
    const bool is_new = !told_ || !trouble_.empty() || !round.lifted.empty();
    if (is_new && !quiet_) lines.push_back({false, round.words});
    if (!advice.empty() && advice != advice_) lines.push_back({true, advice});
    told_ = true;
    advice_ = advice;
  }
  trouble_ = bad ? round.words : "";
  return lines;
}

}  // namespace zbroker::meter
