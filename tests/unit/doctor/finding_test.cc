#include "shims/doctor/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace zbroker::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(KindTest, EachIsInTheTableOnce) {
  std::set<std::string> names;
  std::set<Id> ids;
  for (const Kind& kind : AllKinds()) {
    EXPECT_TRUE(names.emplace(kind.name).second) << kind.name;
    EXPECT_TRUE(ids.insert(kind.id).second) << kind.name;
    EXPECT_EQ(&KindOf(kind.id), &kind);
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(Id::kLookFailed) + 1);
}

TEST(FindingTest, ArgumentsAreNotLookedIntoForOthers) {
  const Finding finding = Make(Id::kDaemonSilent, "zbrokerd", {"$2", "kill 1"});
  EXPECT_THAT(finding.text, HasSubstr("none: $2"));
  EXPECT_EQ(finding.fix, "kill 1");
}

TEST(FindingTest, IsSafeForATerminal) {
  const Finding finding = Make(Id::kShadow, "a\x1b[2J\n");
  EXPECT_THAT(finding.text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(finding.subject, Not(HasSubstr("\n")));
}

TEST(ShellWordTest, IsQuotedWhereAShellWouldTakeItApart) {
  EXPECT_EQ(ShellWord("/home/me/.local-1"), "/home/me/.local-1");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's $(x)"), R"('it'\''s $(x)')");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace zbroker::doctor
