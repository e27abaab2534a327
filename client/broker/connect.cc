#include "client/broker/connect.h"

#include <grp.h>
#include <grpcpp/create_channel_posix.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/fd.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"
#include "client/broker/backoff.h"
#include "client/broker/daemon_starter.h"

namespace zbroker::broker {
namespace {

constexpr absl::Duration kLookAgainFirst = absl::Milliseconds(10);
constexpr absl::Duration kLookAgainLongest = absl::Milliseconds(200);
constexpr absl::Duration kStartTime = absl::Seconds(5);

bool MayPass(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsUnavailable(status);
}

absl::Status Unreachable(const absl::Status& cause, const DaemonStarter& starter,
                         absl::Duration tried) {
  return absl::UnavailableError(absl::StrCat(
      "no zbroker daemon: ", cause.message(),
      tried > absl::Seconds(1) ? absl::StrCat(" (tried for ", zbroker::FormatDuration(tried), ")")
                               : "",
      "; ", starter.Advice()));
}

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user != nullptr ? user->pw_name : absl::StrCat(geteuid());
}

// Says whom the socket is for. The machine-wide service lets in a group.
absl::Status NotForUs(const absl::Status& cause, const std::string& socket_path) {
  struct stat info {};
  if (stat(socket_path.c_str(), &info) != 0) return cause;
  const group* group = (info.st_mode & S_IWGRP) != 0 ? getgrgid(info.st_gid) : nullptr;
  return absl::PermissionDeniedError(absl::StrCat(
      cause.message(), "; it is for ",
      group != nullptr ? absl::StrCat("the group ", group->gr_name, ": run `sudo usermod -aG ",
                                      group->gr_name, " ", UserName(), "` and log in again")
                       : absl::StrCat("user ", info.st_uid, " only")));
}

std::shared_ptr<grpc::Channel> MakeChannel(Fd socket) {
  grpc::ChannelArguments arguments;
  // gRPC would ping with nearly every message to learn how much fits into the connection, which on
  // a Unix socket costs two wake-ups and tells nothing.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomInsecureChannelFromFd("zbroker", socket.Release(), arguments);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ConnectOptions& options,
                                                       const std::function<bool()>& cancelled) {
  const Clock& clock = *options.clock;
  const BootTime begin = clock.Read().boot;
  DaemonStarter starter(options.socket_path, clock);
  const bool may_start = options.start_daemon && starter.MayStart();
  const absl::Duration allowed =
      may_start ? std::max(options.timeout, kStartTime) : options.timeout;
  for (Backoff pause(kLookAgainFirst, kLookAgainLongest);; absl::SleepFor(pause.Next())) {
    auto fd = ConnectUnix(options.socket_path);
    if (fd.ok()) return MakeChannel(*std::move(fd));
    if (absl::IsPermissionDenied(fd.status())) return NotForUs(fd.status(), options.socket_path);
    if (!MayPass(fd.status())) return fd.status();
    if (may_start) ZB_RETURN_IF_ERROR(starter.Tend());
    if (cancelled()) return absl::CancelledError("cancelled");
    const absl::Duration tried = clock.Read().boot - begin;
    if (tried >= allowed) {
      return Unreachable(starter.setback().ok() ? fd.status() : starter.setback(), starter, tried);
    }
  }
}

}  // namespace zbroker::broker
