// GoogleTest matchers for absl::Status and absl::StatusOr, which Debian's Abseil lacks.
#ifndef ZBROKER_TESTS_TESTING_STATUS_MATCHERS_H_
#define ZBROKER_TESTS_TESTING_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zbroker::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P(HasCode, code, "has code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// The code, and a message that `matcher` matches.
MATCHER_P2(Fails, code, matcher, "fails with " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         ::testing::ExplainMatchResult(matcher, std::string(StatusOf(arg).message()),
                                       result_listener);
}

}  // namespace zbroker::testing

#define ASSERT_OK(expression) ASSERT_THAT((expression), ::zbroker::testing::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::zbroker::testing::IsOk())

#endif  // ZBROKER_TESTS_TESTING_STATUS_MATCHERS_H_
