// The keys of `zctl status --watch`: what is pressed, and what that makes of what is shown. Pure.
#ifndef ZBROKER_CLIENT_ZCTL_WATCH_KEYS_H_
#define ZBROKER_CLIENT_ZCTL_WATCH_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "client/zctl/commands.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// How leases and waiters are sorted; kAsTheyCome is by number and by turn.
enum class WatchSort { kAsTheyCome, kLongest, kProgram, kSession, kProject };

// Not thread-safe.
class WatchKeys {
 public:
  using Order = std::variant<PauseCommand, ResumeCommand, RevokeCommand>;
  static constexpr size_t kInputMax = 64;  // bytes of a filter or a number

  // `account`: as the watch was asked for.
  explicit WatchKeys(std::string account) : account_(std::move(account)) {}

  // What has come from the keyboard at once, while `status` was shown: a character, or the bytes of
  // a key that has none, which are ignored. Returns false when that was to quit.
  bool Press(absl::string_view bytes, const v1::Status& status);

  // What is to be done because of the last keys, once.
  std::optional<Order> TakeOrder();

  // What became of it, shown until a key is pressed.
  void Tell(std::string outcome) { told_ = std::move(outcome); }

  // The status in the order, and with the leases and waiters alone, that were asked for.
  v1::Status Arrange(v1::Status status) const;

  bool helping() const { return mode_ == Mode::kHelp; }
  static std::string RenderHelp(const ViewOptions& options);

  // The last line of the screen: a question, else what was told, else the keys.
  std::string RenderFooter(const ViewOptions& options) const;

 private:
  enum class Mode { kPlain, kHelp, kFilter, kPause, kLease, kSure };

  bool PressPlain(char key, const v1::Status& status);
  void PressText(char key, const v1::Status& status);
  void PressPause(char key, const v1::Status& status);
  void AskForLease(const v1::Status& status);
  std::string AccountOf(const v1::Status& status) const;
  std::string Question() const;

  const std::string account_;
  Mode mode_ = Mode::kPlain;
  WatchSort sort_ = WatchSort::kAsTheyCome;
  std::string filter_;
  std::string input_;    // of kFilter and kLease
  std::string subject_;  // what the question is about
  uint64_t lease_ = 0;   // of kSure
  std::string told_;
  std::optional<Order> order_;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WATCH_KEYS_H_
