#include "client/zctl/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_join.h"
#include "client/zctl/help_text.h"

namespace zbroker::zctl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kZctl[] = R"(zctl: looks.
Usage: zctl [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit

Subcommands:
  status                      Slots, holders
  revoke                      Take a lease away
)";
constexpr char kRevoke[] = R"(Take a lease away
Usage: zctl revoke [OPTIONS] lease

Positionals:
  lease LEASE REQUIRED        Number of the lease

Options:
  -h,--help                   Print this help message and exit
  --by WHAT                   Sum up by one of session, model, hour, outcome
  --priority WORD             Only work of this priority: interactive, normal or background
  --color auto|never Excludes: --json
                              When
  --session NAME              Of this session
  --file FILE                 A file
  --json                      As JSON
)";
constexpr char kZlease[] = R"(Runs a command:
  zlease [OPTIONS] -- CMD [ARGS…]     one lease while CMD runs
  zlease gateway [--help]             for programs
Usage: zlease [OPTIONS]

Options:
  --kind TEXT:{prompt,call,mcp}
                              What it is for
  -q,--quiet                  Say nothing

An AGENT (claude, cn) runs behind a gateway.
)";

class FakeSource : public CompletionSource {
 public:
  std::string Help(const std::vector<std::string>& command) override {
    const std::map<std::string, std::string> texts = {
        {"zctl", kZctl}, {"zctl revoke", kRevoke}, {"zlease", kZlease}};
    const auto found = texts.find(absl::StrJoin(command, " "));
    return found == texts.end() ? "" : found->second;
  }
  std::vector<Candidate> Live(LiveThing thing) override {
    if (thing == LiveThing::kLeases) return {{"1041", "claude"}, {"207", "curl"}};
    if (thing == LiveThing::kSessions) return {{"night\nly", "x\ty"}};
    return {};
  }
};

Completion Ask(const std::vector<std::string>& words) {
  FakeSource source;
  return Complete(words, source);
}

std::vector<std::string> Words(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const Candidate& one : Ask(words).candidates) found.push_back(one.word);
  return found;
}

TEST(CompletionTest, SubcommandsAreThoseOfTheHelp) {
  EXPECT_THAT(Words({"zctl", ""}), ElementsAre("status", "revoke"));
  EXPECT_THAT(Words({"zctl", "st"}), ElementsAre("status"));
  EXPECT_THAT(Words({"zctl", "x"}), IsEmpty());
}

TEST(CompletionTest, OptionsAreThoseOfTheSubcommand) {
  EXPECT_THAT(Words({"zctl", "revoke", "--s"}), ElementsAre("--session"));
  EXPECT_THAT(Words({"zctl", "--"}), ElementsAre("--help"));
}

TEST(CompletionTest, ValuesAreTheWordsThatTheHelpNames) {
  EXPECT_THAT(Words({"zctl", "revoke", "--by", ""}),
              ElementsAre("session", "model", "hour", "outcome"));
  EXPECT_THAT(Words({"zctl", "revoke", "--priority", "n"}), ElementsAre("normal"));
  EXPECT_THAT(Words({"zctl", "revoke", "--color", ""}), ElementsAre("auto", "never"));
  EXPECT_THAT(Words({"zlease", "--kind=c"}), ElementsAre("--kind=call"));
}

TEST(CompletionTest, LiveThingsComeFromTheDaemon) {
  EXPECT_THAT(Words({"zctl", "revoke", ""}), ElementsAre("1041", "207"));
  EXPECT_THAT(Words({"zctl", "revoke", "--json", "2"}), ElementsAre("207"));
  EXPECT_THAT(Words({"zctl", "revoke", "1041", ""}), IsEmpty());
}

TEST(CompletionTest, AnAnswerStaysOnItsLine) {
  EXPECT_EQ(RenderCompletion(Ask({"zctl", "revoke", "--session", ""})), "night ly\tx y\n");
}

TEST(CompletionTest, FilesAreTheShells) {
  EXPECT_EQ(RenderCompletion(Ask({"zctl", "revoke", "--file", "/e"})), ":files\n");
}

TEST(CompletionTest, TheWrappedCommandIsTheShells) {
  EXPECT_EQ(RenderCompletion(Ask({"zlease", "--quiet", "--", "cu"})), ":command 3\n");
  EXPECT_EQ(RenderCompletion(Ask({"zlease", "--kind", "call", "claude", "-"})), ":command 3\n");
  EXPECT_EQ(RenderCompletion(Ask({"zlease", "ls"})), ":command 1\n");
}

TEST(CompletionTest, ZleaseCompletesAgentsAndItsOwnWords) {
  EXPECT_THAT(Words({"zlease", "c"}), ElementsAre("claude", "cn"));
  EXPECT_THAT(Words({"zlease", "g"}), ElementsAre("gateway"));
}

TEST(CompletionTest, NothingIsKnownOfWhatIsNotOurs) {
  EXPECT_THAT(Words({}), IsEmpty());
  EXPECT_THAT(Words({"zctl"}), IsEmpty());
  EXPECT_THAT(Words({"rm", "-"}), IsEmpty());
  EXPECT_THAT(Words(std::vector<std::string>(1000, "zctl")), IsEmpty());
}

TEST(HelpTextTest, MalformedHelpIsNoHelp) {
  for (const char* text : {"", "Options:\n", "Options:\n  \n   x", "AGENT (", "Options:\n  --x Y:{",
                           "Subcommands:\n                                   late"}) {
    EXPECT_THAT(ParseHelpText(text, "zctl").subcommands, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace zbroker::zctl
