#include "client/zctl/complete.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/broker/control_client.h"
#include "client/zctl/completion.h"
#include "client/zctl/exit_code.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

extern char** environ;

namespace zbroker::zctl {
namespace {

constexpr char kWord[] = "__complete";
constexpr absl::Duration kProgramPatience = absl::Seconds(1);
constexpr absl::Duration kDaemonPatience = absl::Milliseconds(250);
constexpr size_t kOutputMax = 256 << 10;
constexpr const char* kPrograms[] = {"zctl", "zlease", "zbrokerd"};

// What is left to read, until the end or the deadline.
std::string ReadUntil(int fd, absl::Time deadline) {
  std::string text;
  char buffer[16 << 10];
  pollfd input{.fd = fd, .events = POLLIN};
  while (text.size() < kOutputMax) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0 || poll(&input, 1, static_cast<int>(left)) <= 0) break;
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

// What a program of ours prints; nothing if it is not there. It is killed when its time is over.
std::string OutputOf(std::vector<std::string> command) {
  command[0] = absl::StrCat(ExecutableDirectory(), "/", command[0]);
  std::vector<char*> arguments;
  for (std::string& one : command) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  const Fd output(ends[0]);
  Fd input(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  input.Reset();
  if (error != 0) return "";
  std::string text = ReadUntil(output.get(), absl::Now() + kProgramPatience);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  return text;
}

// Each word once, and none that is empty.
class Words {
 public:
  void Add(const std::string& word, const std::string& description) {
    if (!word.empty() && seen_.insert(word).second) words_.push_back({word, description});
  }
  std::vector<Candidate> Take() { return std::move(words_); }

 private:
  std::set<std::string> seen_;
  std::vector<Candidate> words_;
};

class Source : public CompletionSource {
 public:
  std::string Help(const std::vector<std::string>& command) override {
    // Only programs of ours are run, whatever the shell asks about.
    for (const char* const own : kPrograms) {
      if (command[0] != own) continue;
      std::vector<std::string> words = command;
      words.emplace_back("--help");
      return OutputOf(std::move(words));
    }
    return "";
  }

  std::vector<Candidate> Live(LiveThing thing) override {
    if (thing == LiveThing::kTools) return Tools();
    const auto client =
        broker::ControlClient::Connect({.start_daemon = false, .timeout = kDaemonPatience});
    if (!client.ok()) return {};
    Words words;
    if (thing == LiveThing::kAccounts) {
      const auto status = (*client)->GetStatus("");
      if (!status.ok()) return {};
      for (const v1::AccountStatus& one : status->accounts()) words.Add(one.name(), "");
      return words.Take();
    }
    if (const auto leases = (*client)->ListLeases(""); leases.ok()) {
      for (const v1::LeaseInfo& one : leases->leases()) AddLease(thing, one, words);
    }
    if (thing != LiveThing::kLeases) {
      if (const auto waiters = (*client)->ListWaiters(""); waiters.ok()) {
        for (const v1::WaiterInfo& one : waiters->waiters()) AddWaiter(thing, one, words);
      }
    }
    return words.Take();
  }

 private:
  static std::vector<Candidate> Tools() {
    google::protobuf::Struct answer;
    const std::string json = OutputOf({"zctl", "setup", "--json"});
    if (!google::protobuf::util::JsonStringToMessage(json, &answer).ok()) return {};
    Words words;
    for (const auto& tool : (*answer.mutable_fields())["tools"].list_value().values()) {
      const auto& fields = tool.struct_value().fields();
      const auto name = fields.find("name");
      if (name != fields.end()) words.Add(name->second.string_value(), "");
    }
    words.Add("mcp", "MCP servers of all tools");
    return words.Take();
  }

  static void AddLease(LiveThing thing, const v1::LeaseInfo& lease, Words& words) {
    const std::string about = absl::StrCat(lease.holder().program(), " ", lease.session());
    if (thing == LiveThing::kLeases) words.Add(absl::StrCat(lease.lease_id()), about);
    if (thing == LiveThing::kSessions) words.Add(lease.session(), lease.holder().program());
    if (thing == LiveThing::kModels) words.Add(lease.model(), "");
    if (thing == LiveThing::kPrograms) words.Add(lease.holder().program(), lease.session());
  }

  static void AddWaiter(LiveThing thing, const v1::WaiterInfo& waiter, Words& words) {
    if (thing == LiveThing::kSessions) words.Add(waiter.session(), waiter.holder().program());
    if (thing == LiveThing::kModels) words.Add(waiter.model(), "");
    if (thing == LiveThing::kPrograms) words.Add(waiter.holder().program(), waiter.session());
  }
};

}  // namespace

int RunComplete(int argc, char** argv) {
  if (argc < 2 || std::string(argv[1]) != kWord) return -1;
  Source source;
  const std::vector<std::string> words(argv + 2, argv + argc);
  const std::string text = RenderCompletion(Complete(words, source));
  fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace zbroker::zctl
