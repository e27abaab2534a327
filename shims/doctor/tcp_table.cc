#include "shims/doctor/tcp_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "client/base/fd.h"

namespace zbroker::doctor {
namespace {

constexpr size_t kTableBytesMax = size_t{16} << 20;
constexpr size_t kWordDigits = 8;
constexpr absl::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

bool ParseHex(absl::string_view text, uint32_t* value) {
  *value = 0;
  if (text.empty() || text.size() > kWordDigits) return false;
  for (const char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    *value = *value * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

// "0100007F:1F90". The kernel prints each 32 bits of an address as the number that they are in
// memory.
bool ParseEnd(absl::string_view text, Address* address, uint16_t* port) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const size_t digits = parts.first.size();
  if (digits != kWordDigits && digits != 4 * kWordDigits) return false;
  Address bytes;
  for (size_t at = 0; at < digits; at += kWordDigits) {
    uint32_t word = 0;
    if (!ParseHex(parts.first.substr(at, kWordDigits), &word)) return false;
    char raw[sizeof word];
    memcpy(raw, &word, sizeof word);
    bytes.append(raw, sizeof raw);
  }
  uint32_t number = 0;
  if (!ParseHex(parts.second, &number) || number > 65'535) return false;
  *address = Plain(std::move(bytes));
  *port = static_cast<uint16_t>(number);
  return true;
}

bool ParseSocket(absl::string_view line, TcpSocket* socket) {
  // sl local remote state queues timer retransmits uid timeout inode …
  const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
  uint32_t state = 0;
  if (fields.size() < 10 || !ParseHex(fields[3], &state)) return false;
  socket->state = static_cast<int>(state);
  return ParseEnd(fields[1], &socket->local, &socket->local_port) &&
         ParseEnd(fields[2], &socket->remote, &socket->remote_port) &&
         absl::SimpleAtoi(fields[7], &socket->user) && absl::SimpleAtoi(fields[9], &socket->inode);
}

std::string ReadTable(const char* path) {
  const Fd fd(open(path, O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!fd.valid()) return text;
  std::vector<char> buffer(size_t{256} << 10);
  while (text.size() < kTableBytesMax) {
    const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  return text;
}

}  // namespace

Address Plain(Address address) {
  if (address.size() == 16 && absl::StartsWith(address, kMapped)) address.erase(0, kMapped.size());
  return address;
}

std::vector<TcpSocket> ParseTcpTable(absl::string_view text) {
  std::vector<TcpSocket> sockets;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    TcpSocket socket;
    if (ParseSocket(line, &socket)) sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::vector<TcpSocket> ReadTcpTables() {
  std::vector<TcpSocket> all = ParseTcpTable(ReadTable("/proc/net/tcp"));
  std::vector<TcpSocket> more = ParseTcpTable(ReadTable("/proc/net/tcp6"));
  std::ranges::move(more, std::back_inserter(all));
  return all;
}

}  // namespace zbroker::doctor
