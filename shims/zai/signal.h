// What an answer of the upstream means for admission.
#ifndef ZBROKER_SHIMS_ZAI_SIGNAL_H_
#define ZBROKER_SHIMS_ZAI_SIGNAL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::zai {

enum class Signal {
  kNone,       // nothing is wrong
  kClient,     // the request's own fault: pass it on
  kThrottle,   // too many requests at once
  kStartRate,  // requests started too quickly one after another
  kOverload,   // the upstream is busy with this model
  kWall,       // a window is used up until its reset
  kBreaker,    // the account must go silent
  kTerminal,   // no request of this account (or model) will succeed until a person acts
  kTransient,  // a fault that says nothing about limits
};

// Trying again does not help before somebody acts, or a reset that is far away.
inline bool IsFinal(Signal signal) {
  return signal == Signal::kWall || signal == Signal::kBreaker || signal == Signal::kTerminal;
}

// What a signal speaks of. kKind: the kind of the request, which is MCP.
enum class Scope { kAccount, kModel, kKind };

struct Verdict {
  Signal signal = Signal::kNone;
  std::string code;     // as the upstream gave it; printable, at most 64 bytes
  std::string message;  // likewise, at most 256 bytes, without the brackets around it
  Scope scope = Scope::kAccount;
  std::optional<absl::Duration> retry_after;  // from 0 to 32 days
  // kWall: when the window is full again, by the clock that gave the classifier's `now`. Always in
  // the future and no further away than the window is long; nothing if that is not known.
  std::optional<absl::Time> reset_at;
  absl::Duration window_length;  // kWall: 5 h, 24 h, 7 d, 30 d for a month …; zero: not known
  std::string request_id;        // the upstream's; printable, at most 64 bytes
  bool known_code = false;       // the code is in the table of errors
  // kTransient: what failed is known to pass and nothing of an answer came, so the same request is
  // worth one more try.
  bool worth_another_try = false;
  // kClient: the upstream has nothing at this path, so it did nothing: a base URL is wrong.
  bool no_such_path = false;
  // Nobody worked on the request, so it costs nothing.
  bool unserved = false;
  bool plan = false;         // kTerminal: whoever asks, the plan does not serve the scope
  absl::string_view advice;  // what to do about it, static; empty where the message says it all
};

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_SIGNAL_H_
