#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/process.h"
#include "client/base/text.h"
#include "shims/doctor/looks.h"
#include "shims/doctor/process_files.h"
#include "shims/doctor/tcp_table.h"
#include "shims/setup/installed.h"

namespace zbroker::doctor {
namespace {

constexpr size_t kConnectionsMax = 64;
// What is over within this is a request that has just ended.
constexpr absl::Duration kMoment = absl::Milliseconds(200);
constexpr absl::string_view kOurPrograms[] = {"zlease-gateway", "zctl-meter"};

// The live connections of this user to one of the targets: the sockets' inodes, and where to.
std::map<uint64_t, std::string> FindSockets(const std::vector<Target>& targets) {
  std::map<uint64_t, std::string> found;
  for (const TcpSocket& socket : ReadTcpTables()) {
    const bool is_live =
        socket.state == TcpSocket::kEstablished || socket.state == TcpSocket::kConnecting;
    if (!is_live || socket.user != geteuid() || socket.inode == 0) continue;
    const auto target = std::ranges::find_if(targets, [&](const Target& one) {
      return one.port == socket.remote_port && one.address == socket.remote;
    });
    if (target != targets.end()) found[socket.inode] = target->name;
  }
  return found;
}

ConnectionFacts Describe(pid_t pid, const std::string& to) {
  ConnectionFacts facts{.pid = pid, .to = to};
  const auto process = ReadProcessStat(pid);
  if (!process) return facts;
  const std::string command_line = ReadCommandLine(pid);
  facts.program = ProgramName(process->name, command_line);
  facts.command = CommandWords(process->name, command_line);
  for (const tools::Tool* tool : tools::AllTools()) {
    if (setup::IsCommandOf(*tool, command_line)) facts.tool = std::string(tool->name);
  }
  facts.is_ours = std::ranges::find(kOurPrograms, process->name) != std::end(kOurPrograms);
  facts.has_holder = HasHolder(pid);
  facts.ancestors = AncestorsOf(pid);
  return facts;
}

// Of processes that have one socket those that have not inherited it from another of them.
std::vector<pid_t> WithoutHeirs(const std::vector<pid_t>& pids) {
  std::vector<pid_t> first;
  for (const pid_t pid : pids) {
    const std::vector<pid_t> ancestors = AncestorsOf(pid);
    const bool is_heir = std::ranges::any_of(pids, [&](pid_t other) {
      return other != pid && std::ranges::find(ancestors, other) != ancestors.end();
    });
    if (!is_heir) first.push_back(pid);
  }
  return first;
}

}  // namespace

std::vector<ConnectionFacts> LookAtConnections(const std::vector<Target>& targets) {
  std::vector<ConnectionFacts> all;
  const auto sockets = FindSockets(targets);
  if (sockets.empty()) return all;
  std::set<uint64_t> inodes;
  for (const auto& [inode, to] : sockets) inodes.insert(inode);
  const auto owners = FindOwners(inodes);
  absl::SleepFor(kMoment);
  const auto still = FindSockets(targets);
  std::set<std::pair<pid_t, std::string>> seen;
  for (const auto& [inode, to] : sockets) {
    if (!still.contains(inode)) continue;
    const auto owner = owners.find(inode);
    const std::vector<pid_t> pids =
        owner == owners.end() ? std::vector<pid_t>{0} : WithoutHeirs(owner->second);
    for (const pid_t pid : pids) {
      if (all.size() == kConnectionsMax || !seen.emplace(pid, to).second) continue;
      ConnectionFacts facts = Describe(pid, to);
      // One that has ended since has nothing that could be told of it.
      if (pid == 0 || !facts.program.empty()) all.push_back(std::move(facts));
    }
  }
  return all;
}

}  // namespace zbroker::doctor
