#include "client/broker/wait_words.h"

#include "absl/strings/str_cat.h"
#include "client/base/duration.h"
#include "client/base/proto_time.h"

namespace zbroker::broker {

std::string WaitWords(const v1::Queued& queued) {
  std::string text =
      absl::StrCat("waiting for a slot: ", queued.detail(), "; position ", queued.position());
  if (queued.has_estimate()) {
    absl::StrAppend(&text, ", about ",
                    zbroker::FormatDuration(FromProtoDuration(queued.estimate())));
  }
  return text;
}

std::string AwayWords(const absl::Status& cause) {
  return absl::StrCat("waiting for the broker: ", cause.message());
}

}  // namespace zbroker::broker
