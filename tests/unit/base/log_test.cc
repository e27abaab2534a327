#include "client/base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "client/base/fd.h"
#include "tests/testing/temp_dir.h"

namespace zbroker {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;

// What `body` writes to standard error.
std::string LogOf(const std::function<void()>& body) {
  const testing::TempDir dir;
  const std::string path = dir.File("stderr");
  const Fd terminal(dup(STDERR_FILENO));
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  dup2(file.get(), STDERR_FILENO);
  body();
  dup2(terminal.get(), STDERR_FILENO);
  return testing::ReadFile(path);
}

TEST(LogTest, LineHasTimeSeverityAndText) {
  EXPECT_THAT(LogOf([] { LogInfo("recovered ", 3, " open leases"); }),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                           "info  recovered 3 open leases\n"));
}

TEST(LogTest, SeveritiesHaveTheirOwnWords) {
  EXPECT_THAT(LogOf([] { LogWarning("a"); }), EndsWith(" warn  a\n"));
  EXPECT_THAT(LogOf([] { LogError("a"); }), EndsWith(" error a\n"));
}

TEST(LogTest, TextCannotForgeASecondLine) {
  EXPECT_THAT(LogOf([] { LogInfo("session a\n2026-11-22T10:00:00.000Z error fire\r\x1b[2J"); }),
              EndsWith(" info  session a\\x0a2026-11-22T10:00:00.000Z error fire\\x0d\\x1b[2J\n"));
}

TEST(LogTest, BytesThatAreNotUtf8AreEscaped) {
  EXPECT_THAT(LogOf([] { LogInfo("caf\xe9 caf\xc3\xa9"); }),
              EndsWith(" info  caf\\xe9 caf\xc3\xa9\n"));
}

TEST(LogTest, EndlessTextIsCut) {
  EXPECT_LT(LogOf([] { LogInfo(std::string(1 << 20, 'a')); }).size(), 5'000);
}

}  // namespace
}  // namespace zbroker
