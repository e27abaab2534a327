#include "shims/gateway/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace zbroker::gateway {
namespace {

Options Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"zlease gateway", "--ephemeral", "--upstream", "http://a"});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  auto line = ParseCommandLine(static_cast<int>(argv.size()), argv.data());
  CommandLine* const parsed = std::get_if<CommandLine>(&line);
  EXPECT_NE(parsed, nullptr);
  return parsed == nullptr ? Options() : parsed->options;
}

// Models think for ten minutes without a word, before an answer and within one.
TEST(CommandLineTest, UpstreamMayBeSilentForLongerThanModelsThink) {
  const Options options = Parse({});
  EXPECT_GT(options.upstream_time_outs.first_byte, absl::Minutes(10));
  EXPECT_GT(options.upstream_time_outs.idle, absl::Minutes(10));
}

// What stands between may have forgotten a connection that was idle for longer.
TEST(CommandLineTest, ConnectionIsUsedAgainWithinSecondsOnly) {
  EXPECT_LE(Parse({}).upstream_idle, absl::Seconds(5));
  EXPECT_EQ(Parse({"--upstream-idle", "0s"}).upstream_idle, absl::ZeroDuration());
}

// A client that names its time-out bears a longer silence; --ping-after sets both.
TEST(CommandLineTest, FirstPingComesLaterForAClientThatSaysHowLongItWaits) {
  const Options options = Parse({});
  EXPECT_EQ(options.silence, std::chrono::seconds(15));
  EXPECT_EQ(options.patient_silence, std::chrono::minutes(2));
  const Options told = Parse({"--ping-after", "7s"});
  EXPECT_EQ(told.silence, std::chrono::seconds(7));
  EXPECT_EQ(told.patient_silence, std::chrono::seconds(7));
}

}  // namespace
}  // namespace zbroker::gateway
