#include "client/base/start_report.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

class StartReportTest : public ::testing::Test {
 protected:
  StartReportTest() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_NONBLOCK), 0);
    read_end_ = Fd(ends[0]);
    write_end_ = Fd(ends[1]);
  }
  ~StartReportTest() override { unsetenv(kStartReportVariable); }

  // The daemon's end, as it finds it.
  StartReport Inherit() {
    setenv(kStartReportVariable, absl::StrCat(write_end_.Release()).c_str(), 1);
    return StartReport::FromEnvironment();
  }
  std::optional<absl::Status> Read() const { return ReadStartReport(read_end_.get(), "zbrokerd"); }

  Fd read_end_;
  Fd write_end_;
};

TEST_F(StartReportTest, SaysNothingWhileTheDaemonLives) {
  const StartReport report = Inherit();
  EXPECT_FALSE(Read().has_value());
}

TEST_F(StartReportTest, TellsWhyTheDaemonEnds) {
  const StartReport report = Inherit();
  report.Fail(absl::FailedPreconditionError("disk full"));
  const auto end = Read();
  ASSERT_TRUE(end.has_value());
  EXPECT_THAT(*end, Fails(absl::StatusCode::kFailedPrecondition, "disk full"));
}

TEST_F(StartReportTest, EndWithoutAWordIsOk) {
  { const StartReport report = Inherit(); }
  const auto end = Read();
  ASSERT_TRUE(end.has_value());
  EXPECT_OK(*end);
}

TEST_F(StartReportTest, LongMessageIsCutAndControlCharactersAreEscaped) {
  const StartReport report = Inherit();
  report.Fail(absl::UnknownError(absl::StrCat("a\nb", std::string(10'000, 'x'))));
  const auto end = Read();
  ASSERT_TRUE(end.has_value());
  EXPECT_THAT(std::string(end->message()), HasSubstr("a\\x0ab"));
  EXPECT_LT(end->message().size(), 4200u);
}

TEST_F(StartReportTest, ProgramThatCouldNotBeRunIsNamed) {
  const StartReportHead head{.exec_errno = ENOENT};
  ASSERT_EQ(write(write_end_.get(), &head, sizeof head), ssize_t{sizeof head});
  const auto end = Read();
  ASSERT_TRUE(end.has_value());
  EXPECT_THAT(*end, Fails(absl::StatusCode::kNotFound, HasSubstr("can't run zbrokerd")));
}

TEST_F(StartReportTest, DescriptorIsPassedOnToNobody) {
  const int fd = write_end_.get();
  const StartReport report = Inherit();
  EXPECT_EQ(getenv(kStartReportVariable), nullptr);
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(StartReportTest, NumberThatIsNoPipesIsIgnored) {
  for (const char* value : {"", "x", "-1", "0", "99999"}) {
    setenv(kStartReportVariable, value, 1);
    const StartReport report = StartReport::FromEnvironment();
    report.Fail(absl::UnknownError("to nobody"));
    EXPECT_EQ(getenv(kStartReportVariable), nullptr);
  }
}

}  // namespace
}  // namespace zbroker
