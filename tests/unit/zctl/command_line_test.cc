#include "client/zctl/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/zctl/message_json.h"

namespace zbroker::zctl {
namespace {

std::variant<CommandLine, Ending> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "zctl");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

template <typename Chosen>
Chosen ParseAs(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  if (const auto* ending = std::get_if<Ending>(&parsed)) {
    ADD_FAILURE() << ending->error;
    return {};
  }
  const Command& command = std::get<CommandLine>(parsed).command;
  EXPECT_TRUE(std::holds_alternative<Chosen>(command));
  const auto* chosen = std::get_if<Chosen>(&command);
  return chosen == nullptr ? Chosen() : *chosen;
}

// What is said of a wrong command line, which ends with 2, and nothing on standard output unless a
// program reads it.
std::string UsageError(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  const auto* ending = std::get_if<Ending>(&parsed);
  if (ending == nullptr) {
    ADD_FAILURE() << "was taken";
    return "";
  }
  EXPECT_EQ(ending->exit_code, 2);
  const bool json = AsksForJson(static_cast<int>(arguments.size()), arguments.data());
  EXPECT_EQ(ending->out.empty(), !json) << ending->out;
  return ending->error;
}

// What is answered without asking the daemon.
std::string Answer(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  const auto* ending = std::get_if<Ending>(&parsed);
  if (ending == nullptr) return "";
  EXPECT_EQ(ending->exit_code, 0);
  EXPECT_EQ(ending->error, "");
  return ending->out;
}

TEST(CommandLineTest, Status) {
  const auto command = ParseAs<StatusCommand>({"status", "--account", "work", "--json"});
  EXPECT_EQ(command.account, "work");
  EXPECT_TRUE(command.json);
  EXPECT_FALSE(command.watch);
}

TEST(CommandLineTest, WatchWithInterval) {
  const auto command = ParseAs<StatusCommand>({"status", "--watch", "--interval", "500ms"});
  EXPECT_TRUE(command.watch);
  EXPECT_EQ(command.interval, absl::Milliseconds(500));
}

TEST(CommandLineTest, IntervalNeedsWatch) {
  EXPECT_EQ(UsageError({"status", "--interval", "1s"}),
            "zctl: --interval requires --watch\nTry 'zctl status --help'.\n");
}

TEST(CommandLineTest, IntervalHasBounds) {
  EXPECT_EQ(UsageError({"status", "--watch", "--interval", "99ms"}),
            "zctl: --interval: \"99ms\" is not from 100ms to 1h\nTry 'zctl status --help'.\n");
  UsageError({"status", "--watch", "--interval", "61m"});
}

TEST(CommandLineTest, LeasesAndQueue) {
  EXPECT_TRUE(ParseAs<LeasesCommand>({"leases", "--json"}).json);
  EXPECT_EQ(ParseAs<QueueCommand>({"queue", "--account", "a"}).account, "a");
}

TEST(CommandLineTest, LedgerTakesAllByDefault) {
  const auto command = ParseAs<LedgerCommand>({"ledger"});
  EXPECT_EQ(command.since, std::nullopt);
  EXPECT_EQ(command.limit, std::nullopt);
  EXPECT_EQ(command.by, v1::GROUP_BY_UNSPECIFIED);
  EXPECT_EQ(command.outcome, v1::OUTCOME_UNSPECIFIED);
  EXPECT_EQ(command.format, LedgerFormat::kTable);
}

TEST(CommandLineTest, LedgerFilters) {
  const auto command =
      ParseAs<LedgerCommand>({"ledger", "--since", "5h", "--session", "s", "--model", "m",
                              "--outcome", "throttle", "--limit", "10", "--by", "hour", "--csv"});
  EXPECT_EQ(command.since, absl::Hours(5));
  EXPECT_EQ(command.session, "s");
  EXPECT_EQ(command.model, "m");
  EXPECT_EQ(command.outcome, v1::OUTCOME_THROTTLE);
  EXPECT_EQ(command.limit, 10u);
  EXPECT_EQ(command.by, v1::GROUP_BY_HOUR);
  EXPECT_EQ(command.format, LedgerFormat::kCsv);
}

TEST(CommandLineTest, LedgerHasOneFormat) {
  EXPECT_EQ(UsageError({"ledger", "--csv", "--json"}),
            "zctl: --csv excludes --json\nTry 'zctl ledger --help'.\n");
}

TEST(CommandLineTest, WrongWordListsTheRightOnes) {
  EXPECT_EQ(UsageError({"ledger", "--by", "day"}),
            "zctl: --by: \"day\" is not one of session, model, hour, outcome, project\n"
            "Try 'zctl ledger --help'.\n");
}

TEST(CommandLineTest, WrongValuesAreUsageErrors) {
  UsageError({"ledger", "--since", "yesterday"});
  UsageError({"ledger", "--since", "-5h"});
  UsageError({"ledger", "--limit", "0"});
  UsageError({"ledger", "--limit", "many"});
  UsageError({"ledger", "--outcome", "bad"});
  UsageError({"status", "--account"});
  UsageError({"status", "--color", "blue"});
}

TEST(CommandLineTest, ShowLimit) {
  EXPECT_EQ(ParseAs<ShowLimitCommand>({"limit", "--account", "work"}).account, "work");
  EXPECT_TRUE(ParseAs<ShowLimitCommand>({"limit", "--json"}).json);
}

TEST(CommandLineTest, SetLimit) {
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "set", "4"}).limit, 4u);
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "set", "auto"}).limit, std::nullopt);
}

TEST(CommandLineTest, LimitAutoIsLimitSetAuto) {
  const auto command = ParseAs<SetLimitCommand>({"limit", "auto"});
  EXPECT_EQ(command.limit, std::nullopt);
  EXPECT_EQ(command.account, "");
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "auto", "--account", "a"}).account, "a");
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "--account", "a", "auto"}).account, "a");
  UsageError({"limit", "auto", "4"});
  UsageError({"limit", "auto", "set", "4"});
  UsageError({"limit", "set", "4", "auto"});
}

TEST(CommandLineTest, LimitOfAModel) {
  const auto set = ParseAs<SetLimitCommand>({"limit", "set", "1", "--model", "glm-5"});
  EXPECT_EQ(set.model, "glm-5");
  EXPECT_EQ(set.limit, 1u);
  const auto unpin = ParseAs<SetLimitCommand>({"limit", "auto", "--model", "glm-5"});
  EXPECT_EQ(unpin.model, "glm-5");
  EXPECT_EQ(unpin.limit, std::nullopt);
  UsageError({"limit", "--model", "glm-5"});
}

TEST(CommandLineTest, SetLimitTakesTheAccountBeforeOrAfter) {
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "set", "4", "--account", "a"}).account, "a");
  EXPECT_EQ(ParseAs<SetLimitCommand>({"limit", "--account", "a", "set", "4"}).account, "a");
}

TEST(CommandLineTest, ProgramsAreToldOfAMistakeInJson) {
  const auto parsed = Parse({"ledger", "--by", "day", "--json"});
  ASSERT_TRUE(std::holds_alternative<Ending>(parsed));
  EXPECT_EQ(
      std::get<Ending>(parsed).out,
      "{\"schema_version\":1,\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"--by: "
      "\\\"day\\\" is not one of session, model, hour, outcome, project\",\"exit_code\":2}}\n");
}

TEST(CommandLineTest, SetLimitTakesJsonBeforeOrAfter) {
  EXPECT_TRUE(ParseAs<SetLimitCommand>({"limit", "set", "4", "--json"}).json);
  EXPECT_TRUE(ParseAs<SetLimitCommand>({"limit", "--json", "auto"}).json);
  EXPECT_FALSE(ParseAs<SetLimitCommand>({"limit", "auto"}).json);
}

TEST(CommandLineTest, EveryCommandThatAnswersTakesJson) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"leases"},
                                             {"queue"},
                                             {"ledger"},
                                             {"limit"},
                                             {"limit", "set", "1"},
                                             {"limit", "auto"},
                                             {"pause"},
                                             {"resume"},
                                             {"revoke", "1"},
                                             {"reload"},
                                             {"explain"},
                                             {"events"},
                                             {"wait", "--for", "slot"}}) {
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const auto plain = Parse(arguments);
    arguments.push_back("--json");
    const auto json = Parse(arguments);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(json)) << words[0];
    EXPECT_TRUE(WantsJson(std::get<CommandLine>(json).command)) << words[0];
    EXPECT_FALSE(WantsJson(std::get<CommandLine>(plain).command)) << words[0];
  }
}

TEST(CommandLineTest, SetLimitHasBounds) {
  EXPECT_EQ(UsageError({"limit", "set", "0"}),
            "zctl: limit: \"0\" is not a number from 1 to 1000 or auto\n"
            "Try 'zctl limit --help'.\n");
  UsageError({"limit", "set", "1001"});
  UsageError({"limit", "set", "-1"});
  UsageError({"limit", "set"});
  UsageError({"limit", "raise"});
}

TEST(CommandLineTest, PauseAndResume) {
  EXPECT_EQ(ParseAs<PauseCommand>({"pause"}).account, "");
  const auto pause = ParseAs<PauseCommand>(
      {"pause", "--priority", "background", "--session", "s", "--program", "p", "--until", "2h"});
  EXPECT_EQ(pause.part.priority(), v1::PRIORITY_BACKGROUND);
  EXPECT_EQ(pause.part.session(), "s");
  EXPECT_EQ(pause.part.program(), "p");
  EXPECT_TRUE(pause.until.has_value());
  EXPECT_EQ(ParseAs<ResumeCommand>({"resume", "--account", "a"}).account, "a");
  EXPECT_FALSE(ParseAs<ResumeCommand>({"resume"}).end_breaker);
  EXPECT_TRUE(ParseAs<ResumeCommand>({"resume", "--end-breaker"}).end_breaker);
}

// A script's variable that is not set must not turn a part into the whole.
TEST(CommandLineTest, EmptySelectionIsAUsageError) {
  EXPECT_EQ(UsageError({"pause", "--session", ""}),
            "zctl: --session: is empty; leave it out to mean all\nTry 'zctl pause --help'.\n");
  const std::vector<std::vector<const char*>> lines = {
      {"pause", "--program", ""},
      {"pause", "--priority", ""},
      {"pause", "--account", ""},
      {"pause", "--until", ""},
      {"resume", "--session", ""},
      {"resume", "--program", ""},
      {"resume", "--account", ""},
      {"limit", "set", "1", "--model", ""},
      {"limit", "set", "1", "--account", ""},
      {"limit", "auto", "--model", ""},
      {"limit", "--account", ""},
      {"status", "--account", ""},
      {"statusline", "--account", ""},
      {"leases", "--account", ""},
      {"queue", "--account", ""},
      {"ledger", "--account", ""},
      {"ledger", "--session", ""},
      {"ledger", "--model", ""},
      {"ledger", "--since", ""},
      {"ledger", "--outcome", ""},
      {"wait", "--for", "slot", "--account", ""},
  };
  for (const auto& line : lines) UsageError(line);
  for (const char* joined : {"--session=", "--program="}) UsageError({"pause", joined});
}

TEST(CommandLineTest, NamesThatNoLeaseCanHaveAreUsageErrors) {
  UsageError({"pause", "--session", "a\nb"});
  UsageError({"ledger", "--model", "\xff"});
  UsageError({"pause", "--program", std::string(257, 'x').c_str()});
}

TEST(CommandLineTest, Revoke) {
  EXPECT_EQ(ParseAs<RevokeCommand>({"revoke", "18446744073709551615"}).lease_id,
            18446744073709551615u);
}

TEST(CommandLineTest, RevokeNeedsALease) {
  UsageError({"revoke"});
  UsageError({"revoke", "0"});
  UsageError({"revoke", "x"});
}

TEST(CommandLineTest, Reload) { ParseAs<ReloadCommand>({"reload"}); }

TEST(CommandLineTest, ColorMayStandAnywhere) {
  const std::vector<std::vector<const char*>> lines = {{"--color", "never", "status"},
                                                       {"status", "--color", "never"}};
  for (const auto& line : lines) {
    const auto parsed = Parse(line);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed));
    EXPECT_EQ(std::get<CommandLine>(parsed).color, ColorMode::kNever);
  }
}

TEST(CommandLineTest, UnknownSubcommandGetsASuggestion) {
  EXPECT_EQ(UsageError({"stauts", "--json"}),
            "zctl: no subcommand \"stauts\"; did you mean status?\nTry 'zctl --help'.\n");
}

TEST(CommandLineTest, UnknownSubcommandWithoutLikeness) {
  EXPECT_EQ(UsageError({"frobnicate"}), "zctl: no subcommand \"frobnicate\"\nTry 'zctl --help'.\n");
}

TEST(CommandLineTest, ErrorsHaveNoControlCharacters) {
  EXPECT_EQ(UsageError({"\x1b[2J"}), "zctl: no subcommand \"\\x1b[2J\"\nTry 'zctl --help'.\n");
}

TEST(CommandLineTest, UnknownOption) {
  EXPECT_EQ(UsageError({"--frob"}), "zctl: no option --frob\nTry 'zctl --help'.\n");
  UsageError({"status", "--frob"});
}

TEST(CommandLineTest, OneSubcommandAtATime) { UsageError({"status", "leases"}); }

TEST(CommandLineTest, NoSubcommandShowsThem) {
  EXPECT_NE(UsageError({}).find("\nSubcommands:\n"), std::string::npos);
}

TEST(CommandLineTest, Version) { EXPECT_EQ(Answer({"--version"}), "zctl " ZBROKER_VERSION "\n"); }

TEST(CommandLineTest, EveryHelpHasExamples) {
  EXPECT_NE(Answer({"--help"}).find("Examples:\n  zctl "), std::string::npos);
  for (const char* name :
       {"status", "leases", "queue", "ledger", "limit", "pause", "resume", "revoke", "reload"}) {
    EXPECT_NE(Answer({name, "--help"}).find("Examples:\n  zctl "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace zbroker::zctl
