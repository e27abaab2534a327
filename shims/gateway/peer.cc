#include "shims/gateway/peer.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/container.h"
#include "client/base/fd.h"
#include "client/base/process.h"
#include "client/base/project.h"
#include "shims/flags/lease.h"

namespace zbroker::gateway {
namespace {

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

void SetAddress(const tcp::endpoint& end, uint32_t* address, uint16_t* port) {
  *port = htons(end.port());
  if (end.address().is_v4()) {
    *address = htonl(end.address().to_v4().to_uint());
  } else {
    const auto bytes = end.address().to_v6().to_bytes();
    memcpy(address, bytes.data(), bytes.size());
  }
}

// Asks for one socket: the peer's, whose source is our peer's address.
Question MakeQuestion(const tcp::endpoint& peer, const tcp::endpoint& ours) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.request.sdiag_family = peer.address().is_v4() ? AF_INET : AF_INET6;
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = ~0U;
  question.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  question.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  SetAddress(peer, question.request.id.idiag_src, &question.request.id.idiag_sport);
  SetAddress(ours, question.request.id.idiag_dst, &question.request.id.idiag_dport);
  return question;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// The inode of the socket that the descriptor is, 0 if it is none.
uint32_t SocketInode(int directory, const char* descriptor) {
  std::array<char, 64> target;
  const ssize_t size = readlinkat(directory, descriptor, target.data(), target.size());
  if (size <= 0) return 0;
  absl::string_view link(target.data(), static_cast<size_t>(size));
  uint32_t inode = 0;
  const bool socket = absl::ConsumePrefix(&link, "socket:[") && absl::ConsumeSuffix(&link, "]");
  return socket && absl::SimpleAtoi(link, &inode) ? inode : 0;
}

}  // namespace

std::optional<PeerSocket> FindPeerSocket(const tcp::socket& socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return PeerSocket{};  // not connected any more
  const tcp::endpoint ours = socket.local_endpoint(error);
  if (error) return PeerSocket{};
  const Fd netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink.valid()) return std::nullopt;
  const Question question = MakeQuestion(peer, ours);
  if (send(netlink.get(), &question, sizeof question, 0) != sizeof question) return std::nullopt;
  alignas(nlmsghdr) std::array<char, 8192> answer;
  const ssize_t size = recv(netlink.get(), answer.data(), answer.size(), 0);
  nlmsghdr header;
  if (size < static_cast<ssize_t>(sizeof header)) return std::nullopt;
  memcpy(&header, answer.data(), sizeof header);
  const char* const told = answer.data() + NLMSG_HDRLEN;
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error_told;
    if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof error_told))) return std::nullopt;
    memcpy(&error_told, told, sizeof error_told);
    if (error_told.error == -ENOENT) return PeerSocket{};
    return std::nullopt;
  }
  inet_diag_msg found;
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof found))) return std::nullopt;
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  memcpy(&found, told, sizeof found);
  return PeerSocket{found.idiag_inode};
}

pid_t SocketOwners::Find(const PeerSocket& peer) {
  if (peer.inode == 0) return 0;
  if (const auto known = known_.find(peer.inode); known != known_.end()) {
    const auto& [pid, descriptor] = known->second;
    const std::string path = absl::StrCat("/proc/", pid, "/fd/", descriptor);
    if (SocketInode(AT_FDCWD, path.c_str()) == peer.inode) return pid;
    known_.erase(known);
  }
  for (const pid_t pid : recent_) {
    if (ReadSockets(pid, peer.inode)) return pid;
  }
  const Directory processes(opendir("/proc"));
  if (processes == nullptr) return 0;
  while (const dirent* entry = readdir(processes.get())) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry->d_name, &pid)) continue;
    if (!ReadSockets(pid, peer.inode)) continue;
    Remember(pid);
    return pid;
  }
  return 0;
}

bool SocketOwners::ReadSockets(pid_t pid, uint32_t wanted) {
  const Directory directory(opendir(absl::StrCat("/proc/", pid, "/fd").c_str()));
  if (directory == nullptr) return false;  // another user's, or gone
  std::vector<std::pair<uint32_t, int>> sockets;
  bool found = false;
  while (const dirent* entry = readdir(directory.get())) {
    int descriptor = 0;
    if (!absl::SimpleAtoi(entry->d_name, &descriptor)) continue;
    const uint32_t inode = SocketInode(dirfd(directory.get()), entry->d_name);
    if (inode == 0) continue;
    found |= inode == wanted;
    sockets.emplace_back(inode, descriptor);
  }
  if (!found) return false;
  // Whoever has one connection to here often has more.
  if (known_.size() + sockets.size() > kKnownMax) known_.clear();
  for (const auto& [inode, descriptor] : sockets) {
    if (known_.size() < kKnownMax) known_[inode] = {pid, descriptor};
  }
  return true;
}

void SocketOwners::Remember(pid_t pid) {
  recent_.push_front(pid);
  if (recent_.size() > kRememberedMax) recent_.pop_back();
}

Caller FindCaller(const tcp::socket& socket, SocketOwners& owners) {
  const std::optional<PeerSocket> peer = FindPeerSocket(socket);
  const pid_t pid = peer.has_value() ? owners.Find(*peer) : 0;
  const auto process = pid == 0 ? std::nullopt : ReadProcessStat(pid);
  if (!process.has_value()) return {};
  const std::string program = ProgramName(process->name, ReadCommandLine(pid));
  return {.name = SessionOfProcess(program, pid),
          .program = program,
          .pid = PidForOthers(pid),
          .parent = flags::ToLeaseId(ReadProcessVariable(pid, flags::kParentVariable).value_or("")),
          .project = ProjectOfProcess(pid)};
}

}  // namespace zbroker::gateway
