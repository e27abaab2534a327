// The key that the meter is asked with.
//
// It comes from a named variable of the environment, from a file that nobody else may read, or from
// the settings of a tool that sends it to the very same host already. It is in no argument, log,
// ledger or core file, and is gone from memory when it is no longer needed.
#ifndef ZBROKER_SHIMS_METER_KEY_H_
#define ZBROKER_SHIMS_METER_KEY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/surroundings.h"

namespace zbroker::meter {

class Key {
 public:
  Key() = default;
  // Errors: INVALID_ARGUMENT, naming `whence` and nothing of the text, where it can't be a key.
  static absl::StatusOr<Key> Parse(absl::string_view whence, absl::string_view text);

  Key(const Key&) = default;
  Key(Key&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  Key& operator=(Key other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Key();

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  bool operator==(const Key&) const = default;

  // The text with "…" for each part of it that quotes the key.
  std::string Mask(absl::string_view text) const;

 private:
  std::string text_;
};

// Where to look for it: the variable, the file if that is not set, and where neither is named, the
// tools' settings.
struct KeyPlace {
  std::string variable;
  std::string file;
};

// The key for the host at `origin`. Errors: FAILED_PRECONDITION when there is none, or others can
// read its file, saying what to do; those of Key::Parse and of reading the file.
absl::StatusOr<Key> FindKey(const KeyPlace& place, absl::string_view origin,
                            const tools::Surroundings& surroundings);

// From now on this process leaves no core file.
void LeaveNoCore();

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_KEY_H_
