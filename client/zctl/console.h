// Where answers go: standard output, and what is known of whoever reads it.
#ifndef ZBROKER_CLIENT_ZCTL_CONSOLE_H_
#define ZBROKER_CLIENT_ZCTL_CONSOLE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/zctl/view_options.h"
#include "google/protobuf/message.h"

namespace zbroker::zctl {

enum class ColorMode { kAuto, kAlways, kNever };

// Not thread-safe.
class Console {
 public:
  // Answers to `fd`, which must stay open. kAuto: in color on a terminal, unless NO_COLOR is set
  // and not empty, or TERM is "dumb".
  Console(int fd, ColorMode color);

  // Writes all of it; on a terminal whose locale has another charset than UTF-8, as ASCII. Errors:
  // DATA_LOSS with the cause, for example a full disk.
  absl::Status Print(absl::string_view text);

  // Prints the message's JSON and a newline: indented for a person, on one line for a program.
  absl::Status PrintJson(const google::protobuf::Message& message);

  // In place of an answer, or after some of several: what there is to say to a program of a command
  // that has failed. Nothing, if half of an answer stands there: that is better noticed.
  void PrintFailure(const absl::Status& status, int exit_code);

  // A line "zctl: …" on standard error.
  void Warn(absl::string_view text) const;

  // Asks for the size of the terminal each time, so a resized one is seen. Anything but a terminal
  // has as many columns as COLUMNS says, else any number.
  ViewOptions view() const;

  // Lines of the terminal; 0 when there is none that can be drawn over.
  size_t screen_rows() const;

  int fd() const { return fd_; }

 private:
  const int fd_;
  const bool terminal_;
  const bool dumb_;
  const bool color_;
  const bool ascii_;
  bool within_line_ = false;  // of the answer
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_CONSOLE_H_
