// Hosts of the upstream, and the kernel's tables of sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shims/doctor/process_files.h"
#include "shims/doctor/targets.h"
#include "shims/doctor/tcp_table.h"

namespace zbroker::doctor {
namespace {

using ::testing::IsEmpty;

constexpr char kTable[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:2253 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
    "4711 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:A000 0100007F:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "4712 1 0000000000000000 100 0 0 10 0\n";
constexpr char kTable6[] =
    "   0: 00000000000000000000000001000000:2253 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 12 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0000000000000000FFFF00000100007F:A001 0000000000000000FFFF00000100007F:01BB 02 "
    "00000000:00000000 00:00000000 00000000  1000        0 13 1 0000000000000000 100 0 0 10 0\n";

const Address kLoopback("\x7f\0\0\x01", 4);

TEST(TcpTableTest, ReadsEndsStatesUsersAndInodes) {
  const auto sockets = ParseTcpTable(kTable);
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets[0].state, TcpSocket::kListening);
  EXPECT_EQ(sockets[0].local_port, 8787);
  EXPECT_EQ(sockets[0].local, kLoopback);
  EXPECT_EQ(sockets[1].remote, kLoopback);
  EXPECT_EQ(sockets[1].remote_port, 443);
  EXPECT_EQ(sockets[1].user, 1000u);
  EXPECT_EQ(sockets[1].inode, 4712u);
}

TEST(TcpTableTest, MappedAddressesAreWhatTheyMean) {
  const auto sockets = ParseTcpTable(kTable6);
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets[0].local, Address("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16));
  EXPECT_EQ(sockets[1].remote, kLoopback);
  EXPECT_EQ(sockets[1].state, TcpSocket::kConnecting);
}

TEST(TcpTableTest, WhatIsNotUnderstoodIsPassedOver) {
  EXPECT_THAT(ParseTcpTable("1: 2 3 4 5 6 7 8 9 10 11\n0: 0100007F:1 0100007:2 01 0 0 0 0 0 1\n\n"
                            "0: 0100007F:11111 0100007F:2 01 a b c 1 0 1\n"),
              IsEmpty());
}

Url Parse(const char* text) { return *ParseUrl("url", text); }

TEST(HostTest, HasThePortOfItsSchemeUnlessItNamesOne) {
  EXPECT_EQ(HostOf(Parse("https://api.z.ai/api/anthropic"))->text(), "api.z.ai:443");
  EXPECT_EQ(HostOf(Parse("http://127.0.0.1:8080"))->text(), "127.0.0.1:8080");
  EXPECT_EQ(HostOf(Parse("http://[::1]/x"))->text(), "[::1]:80");
  EXPECT_FALSE(HostOf(Parse("http://127.0.0.1:99999")).ok());
}

TEST(HostTest, AddressNeedsNoResolver) {
  const auto targets = Resolve(*HostOf(Parse("http://127.0.0.1:80")));
  ASSERT_TRUE(targets.ok());
  ASSERT_EQ(targets->size(), 1u);
  EXPECT_EQ((*targets)[0].address, kLoopback);
}

TEST(CommandWordsTest, AreThoseThatAPersonWouldRunItWith) {
  const auto words = [](const char* name, std::string line) {
    for (char& c : line) c = c == ' ' ? '\0' : c;
    return CommandWords(name, line);
  };
  EXPECT_EQ(words("python3", "/usr/bin/python3 /home/me/ask.py --key=x "), "python3 ask.py");
  EXPECT_EQ(words("curl", "curl -H secret "), "curl");
  EXPECT_EQ(words("nightly.sh", "/bin/sh ./nightly.sh "), "nightly.sh");
  EXPECT_EQ(words("x;y", "x;y "), "");
  EXPECT_EQ(words("-rf", "-rf "), "");
  EXPECT_EQ(words("python3", "python3 a$(b).py "), "");
}

}  // namespace
}  // namespace zbroker::doctor
