// A round: whether it is time, one question to the meter, and the daemon told of the answer.
#ifndef ZBROKER_SHIMS_METER_READER_H_
#define ZBROKER_SHIMS_METER_READER_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/broker/control_client.h"
#include "shims/meter/key.h"
#include "shims/meter/pace.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::meter {

// Among all programs of a user one asks at a time, and none before `apart` has passed since the
// daemon was told of a reading last. Blocks: for the daemon, and for the meter up to twice
// kAnswerTime. Not thread-safe.
class Reader {
 public:
  struct Options {
    std::string account;  // empty: the default one
    std::string origin;   // "https://api.example.com", the account's upstream
    absl::Duration apart = kApartMin;
    bool start_daemon = false;
  };
  struct Round {
    enum class State {
      kRead,
      kSilent,    // the meter has nothing to say of the account
      kTrouble,   // it could not be read, or the reading was not taken
      kNotAsked,  // it is too early, or another program is at it
      kNoDaemon,
    };
    State state = State::kTrouble;
    std::string words;  // what was read, or why not; one line, fit for a terminal
    bool wall = false;  // one stands, or stood until now
  };

  explicit Reader(Options options) : options_(std::move(options)) {}

  Round Read(const Key& key);

 private:
  // Asks for the account's state, connecting first if need be.
  absl::StatusOr<v1::AccountStatus> Look();
  Round Ask(const Key& key);

  const Options options_;
  std::unique_ptr<broker::ControlClient> daemon_;
  bool elsewhere_ = false;  // the key is good at the meter's other path only
};

// How the round changes the pace.
Pace::Result ResultOf(Reader::Round::State state);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_READER_H_
