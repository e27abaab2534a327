// The kernel's table of TCP sockets: /proc/net/tcp and /proc/net/tcp6, see proc(5).
#ifndef ZBROKER_SHIMS_DOCTOR_TCP_TABLE_H_
#define ZBROKER_SHIMS_DOCTOR_TCP_TABLE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::doctor {

// The bytes of an IP address as they go over the wire, 4 or 16 of them.
using Address = std::string;

// An IPv4 address in IPv6's clothes as the IPv4 address that it is.
Address Plain(Address address);

struct TcpSocket {
  // Of include/net/tcp_states.h.
  static constexpr int kEstablished = 1;
  static constexpr int kConnecting = 2;
  static constexpr int kListening = 10;

  Address local, remote;
  uint16_t local_port = 0, remote_port = 0;
  int state = 0;
  uid_t user = 0;
  uint64_t inode = 0;
};

// Lines that are not understood are passed over.
std::vector<TcpSocket> ParseTcpTable(absl::string_view text);

// Those of our network namespace; of each of the two tables as much as 16 MiB of text have.
std::vector<TcpSocket> ReadTcpTables();

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_TCP_TABLE_H_
