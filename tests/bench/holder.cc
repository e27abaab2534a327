#include "tests/bench/holder.h"

#include <unistd.h>

#include <cstdio>

#include "client/base/status.h"
#include "tests/bench/crowd.h"

namespace zbroker::bench {

absl::Status HoldLease(const std::string& socket) {
  ZB_ASSIGN_OR_RETURN(const auto client, Crowd::Open(socket, 1));
  client->Acquire(0);
  ZB_RETURN_IF_ERROR(client->NextGrant().status());
  puts("holding");
  fflush(stdout);
  for (;;) pause();
}

absl::StatusOr<Child> StartHolder(const Settings& settings, const std::string& socket) {
  ZB_ASSIGN_OR_RETURN(
      Child child,
      Child::Start({.arguments = {settings.executable, "--child", "holder", "--socket", socket}}));
  ZB_RETURN_IF_ERROR(child.ReadLine(kPatience).status());
  return child;
}

}  // namespace zbroker::bench
