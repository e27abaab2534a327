// What a person or a script waits for, as a question to one status of the daemon.
//
//   slot      a new request of normal priority would be granted at once
//   reset     no wall stands before a request of no particular model, and no window that it would
//             charge is used up
//   idle      nothing is in flight and nobody waits
//   5h<80%    so much is used of a window; also <=, >, >=, and without % in the window's own unit
//   1041      the lease has ended
//
// Pure: what to do until it holds is the caller's business.
#ifndef ZBROKER_CLIENT_CONDITION_CONDITION_H_
#define ZBROKER_CLIENT_CONDITION_CONDITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::condition {

// How a condition stands.
struct Verdict {
  bool reached = false;
  // In words, without instants: "3 of 3 slots are taken, 5 wait".
  std::string words;
  // When time alone is expected to change it; empty: that is not known.
  std::optional<absl::Time> at;
};

class Condition {
 public:
  // Errors: INVALID_ARGUMENT, quoting the text and saying what was expected.
  static absl::StatusOr<Condition> Parse(absl::string_view text);

  // Of the named account, or the default one; a lease may be of any. Errors: NOT_FOUND when there
  // is no such account or window, FAILED_PRECONDITION when a share is asked for of a window of
  // which no limit is known.
  absl::StatusOr<Verdict> Judge(const v1::Status& status, absl::string_view account) const;

  const std::string& text() const { return text_; }

 private:
  struct Slot {};
  struct Reset {};
  struct Idle {};
  struct Ended {
    uint64_t lease = 0;
  };
  struct Usage {
    std::string window;
    bool below = true;     // else above
    bool equal = false;    // reached by equality as well
    bool percent = false;  // of the limit
    double figure = 0;
  };
  using What = std::variant<Slot, Reset, Idle, Ended, Usage>;

  Condition(std::string text, What what) : text_(std::move(text)), what_(std::move(what)) {}

  static absl::StatusOr<Condition> ParseUsage(absl::string_view text);

  static Verdict Of(const Slot&, const v1::AccountStatus& account);
  static Verdict Of(const Reset&, const v1::AccountStatus& account);
  static Verdict Of(const Idle&, const v1::AccountStatus& account);
  static Verdict Of(const Ended& ended, const v1::Status& status);
  static absl::StatusOr<Verdict> Of(const Usage& usage, const v1::AccountStatus& account);

  std::string text_;
  What what_;
};

}  // namespace zbroker::condition

#endif  // ZBROKER_CLIENT_CONDITION_CONDITION_H_
