// What the tests of zctl's views start from.
#ifndef ZBROKER_TESTS_UNIT_ZCTL_MESSAGE_H_
#define ZBROKER_TESTS_UNIT_ZCTL_MESSAGE_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/time/time.h"
#include "client/zctl/view_options.h"
#include "google/protobuf/text_format.h"

namespace zbroker::zctl {

// 2026-11-22 12:00:00 UTC, in seconds since the epoch.
inline constexpr int64_t kNoon = 1795348800;

// The message in protobuf's text format.
template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// What a pipe gets, with UTC for the local time.
inline ViewOptions Plain(size_t columns = ViewOptions::kUnbounded) {
  ViewOptions options;
  options.columns = columns;
  options.zone = absl::UTCTimeZone();
  return options;
}

}  // namespace zbroker::zctl

#endif  // ZBROKER_TESTS_UNIT_ZCTL_MESSAGE_H_
