#include "shims/gateway/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace zbroker::gateway {
namespace {

using testing::Fails;
using ::testing::HasSubstr;
using testing::ReadFile;
using testing::WriteFile;

class KeptTokenTest : public ::testing::Test {
 protected:
  std::string file() const { return dir_.File("gateway-token"); }
  void Keep(const std::string& content, mode_t mode) const {
    WriteFile(file(), content);
    ASSERT_EQ(chmod(file().c_str(), mode), 0);
  }
  testing::TempDir dir_;
};

TEST(TokenTest, NewOnesAreTokensAndDiffer) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(NewToken());
  EXPECT_EQ(tokens.size(), 100u);
  for (const std::string& token : tokens) {
    EXPECT_TRUE(IsToken(token)) << token;
    EXPECT_EQ(token.size(), 32u);
  }
}

TEST(TokenTest, HasNothingThatAPathWouldTakeApart) {
  EXPECT_TRUE(IsToken("abcDEF_-12345678"));
  EXPECT_TRUE(IsToken(std::string(64, 'a')));
  for (const std::string& text :
       {std::string(), std::string(15, 'a'), std::string(65, 'a'), std::string("0123456789abcde/"),
        std::string("0123456789abcde?"), std::string("0123456789abcde\n"),
        std::string("0123456789abcde\0", 16), std::string("0123456789abcd\xc3\xa4")}) {
    EXPECT_FALSE(IsToken(text)) << text;
  }
}

TEST_F(KeptTokenTest, IsMadeForItsOwnerOnlyAndStays) {
  const absl::StatusOr<std::string> token = KeptToken(dir_.path());
  ASSERT_OK(token);
  struct stat facts;
  ASSERT_EQ(stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
  EXPECT_EQ(facts.st_nlink, 1u);
  EXPECT_EQ(*KeptToken(dir_.path()), *token);
}

TEST_F(KeptTokenTest, DirectoryIsMadeWithIt) {
  EXPECT_OK(KeptToken(dir_.File("state")));
  EXPECT_NE(ReadFile(dir_.File("state/gateway-token")), "");
}

TEST_F(KeptTokenTest, OneThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640, 0604, 0620, 0666}) {
    Keep("0123456789abcdef\n", mode);
    EXPECT_THAT(KeptToken(dir_.path()),
                Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("others may read it")));
  }
}

TEST_F(KeptTokenTest, FileThatHoldsNoneIsRefusedAndNotReplaced) {
  for (const std::string& content :
       {std::string(), std::string("short\n"), std::string("0123456789abcdef with spaces\n"),
        std::string("../../../../etc/passwd"), std::string(100'000, 'a')}) {
    Keep(content, 0600);
    EXPECT_THAT(KeptToken(dir_.path()),
                Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("holds no token")));
    EXPECT_EQ(ReadFile(file()), content);
  }
}

TEST_F(KeptTokenTest, LinkIsNotFollowed) {
  WriteFile(dir_.File("elsewhere"), "0123456789abcdef\n");
  ASSERT_EQ(chmod(dir_.File("elsewhere").c_str(), 0600), 0);
  ASSERT_EQ(symlink("elsewhere", file().c_str()), 0);
  EXPECT_FALSE(KeptToken(dir_.path()).ok());
  ASSERT_EQ(unlink(file().c_str()), 0);
  ASSERT_EQ(symlink("nowhere", file().c_str()), 0);
  EXPECT_FALSE(KeptToken(dir_.path()).ok());
  EXPECT_EQ(access(dir_.File("nowhere").c_str(), F_OK), -1);
}

TEST_F(KeptTokenTest, WhatIsNoFileIsRefused) {
  ASSERT_EQ(mkdir(file().c_str(), 0700), 0);
  const auto refused = Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("no plain file"));
  EXPECT_THAT(KeptToken(dir_.path()), refused);
  ASSERT_EQ(rmdir(file().c_str()), 0);
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  EXPECT_THAT(KeptToken(dir_.path()), refused);
}

TEST_F(KeptTokenTest, GatewaysThatStartAtOnceAgreeOnOne) {
  for (int round = 0; round < 20; ++round) {
    unlink(file().c_str());
    std::vector<pid_t> gateways;
    for (int i = 0; i < 8; ++i) {
      gateways.push_back(fork());
      if (gateways.back() != 0) continue;
      WriteFile(dir_.File(absl::StrCat("told", i)), KeptToken(dir_.path()).value_or("none"));
      _exit(0);
    }
    std::set<std::string> told;
    for (int i = 0; i < 8; ++i) {
      waitpid(gateways[i], nullptr, 0);
      told.insert(ReadFile(dir_.File(absl::StrCat("told", i))));
    }
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(IsToken(*told.begin())) << *told.begin();
  }
}

}  // namespace
}  // namespace zbroker::gateway
