// A round: whether it is time, one question to the meter, and the daemon told of the answer.
#ifndef ZBROKER_SHIMS_METER_READER_H_
#define ZBROKER_SHIMS_METER_READER_H_

#include <memory>
#include <string>
#include <vector>

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
    // Of kTrouble and kNoDaemon: what went wrong, of the ids in meter.proto.
    const char* error = "";
    std::string words;              // what was read, or why not; one line, fit for a terminal
    std::string level;              // kRead: the plan, in the provider's word; may be empty
    bool wall = false;              // one stands, or stood until now
    std::vector<v1::Block> lifted;  // walls that this reading has ended
    absl::Duration due;             // kNotAsked: when it may be asked, from now
  };

  explicit Reader(Options options) : options_(std::move(options)) {}

  Round Read(const Key& key);

  // The account's state, over a connection that is made first if need be, and again if the daemon
  // was started anew. Errors: NOT_FOUND, there is no such account; else those of ControlClient.
  absl::StatusOr<v1::AccountStatus> Look();

 private:
  absl::StatusOr<v1::AccountStatus> LookOnce();
  Round Ask(const Key& key, const v1::AccountStatus& before);
  // Tells the daemon; of one that went away meanwhile the one that came after it.
  absl::StatusOr<v1::ReportMeterReply> Report(const v1::ReportMeterRequest& report,
                                              const v1::AccountStatus& before);

  const Options options_;
  std::unique_ptr<broker::ControlClient> daemon_;
  bool elsewhere_ = false;  // the key is good at the meter's other path only
};

// When the daemon was last told of an answer, of whatever kind; the infinite past: never.
absl::Time LastHeard(const v1::MeterStatus& meter);

// How the round changes the pace.
Pace::Result ResultOf(Reader::Round::State state);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_READER_H_
