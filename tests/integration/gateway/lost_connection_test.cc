// Connections to the upstream that die or stay silent, as they do in the field: nobody waits for
// the dead, everybody for the slow, and what was cut is seen to be.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/gateway/field.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class LostConnectionTest : public FieldTest {};

TEST_F(LostConnectionTest, KeptConnectionThatGaveAnyFaultIsNotUsedAgain) {
  const std::string gone = ReadCase("dead-keepalive-after-502/response.http");
  for (const char* status : {"500", "502", "503", "504", "529"}) {
    SCOPED_TRACE(status);
    const std::string fault =
        absl::StrReplaceAll(gone, {{" 502 ", absl::StrCat(" ", status, " ")}});
    gateway_.reset();
    StartWith(
        [fault](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
          if (request.number > 1) return peer.Send(Answer(200, kMessage));
          peer.Send(fault);
          peer.AwaitEnd();  // reads nothing that comes after
          return false;
        },
        {"--retries", "0"});
    EXPECT_EQ(absl::StrCat(Ask(Post(kPrompt)).status), status);
    EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
    EXPECT_EQ(Ask(Post(R"({"model":"other","messages":[{"role":"user","content":"hi"}]})")).body,
              kMessage);
    EXPECT_EQ(upstream_->connections(), 2);
  }
}

// The kernel's word for how long bytes may stay unacknowledged, of each connection to the port.
std::vector<unsigned> UserTimeOuts(pid_t pid, uint16_t port) {
  std::vector<unsigned> found;
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  for (int number = 0; number < 256; ++number) {
    const Fd copy(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    sockaddr_in peer = {};
    socklen_t size = sizeof peer;
    if (!copy.valid() || getpeername(copy.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
        peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) {
      continue;
    }
    unsigned milliseconds = 0;
    size = sizeof milliseconds;
    getsockopt(copy.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size);
    found.push_back(milliseconds);
  }
  return found;
}

TEST_F(LostConnectionTest, DeadConnectionEndsTheWaitWithinAMinute) {
  StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    AwaitOpening();
    return peer.Send(Answer(200, kMessage));
  });
  HttpConnection client = Connect();
  client.Send(Post(kPrompt));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  const std::string url = upstream_->url();
  int port = 0;
  ASSERT_TRUE(absl::SimpleAtoi(url.substr(url.rfind(':') + 1), &port));
  const auto time_outs = UserTimeOuts(gateway_->process().pid(), static_cast<uint16_t>(port));
  ASSERT_EQ(time_outs.size(), 1u);
  EXPECT_GT(time_outs[0], 0u);
  EXPECT_LE(time_outs[0], 60'000u);
  open_ = true;
  EXPECT_EQ(client.Read().body, kMessage);
}

struct Dialect {
  const char* path;
  const char* body;
  const char* error;  // what an error begins with
};

constexpr Dialect kDialects[] = {
    {"/v1/messages", kPrompt, R"({"type":"error","error":{"type":)"},
    {kChatPath, kPrompt, R"({"error":{"message":)"},
    {kResponsesPath, R"({"model":"m","input":"hi"})", R"({"error":{"message":)"},
};

TEST_F(LostConnectionTest, ResetWithoutAWordIsToldAndNothingIsSentAgain) {
  for (const Dialect& dialect : kDialects) {
    SCOPED_TRACE(dialect.path);
    gateway_.reset();
    StartWith([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
      peer.Reset();
      return false;
    });
    const HttpAnswer answer = Ask(Post(dialect.body, "", dialect.path));
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, StartsWith(dialect.error));
    EXPECT_NE(answer.Field("x-should-retry"), "false") << "it may well go better next time";
    EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
    EXPECT_EQ(upstream_->requests().size(), 1u);
    EXPECT_EQ(daemon_.Slots().limit(), 3u);
  }
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_TRANSIENT);
  EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 3) << "the upstream may have worked";
}

// How long it may last by default is in the unit tests of the command line.
TEST_F(LostConnectionTest, SilentUpstreamIsWaitedForBeforeAnAnswerAndWithinOne) {
  std::atomic<bool> began = false;
  StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    WaitUntil([&] { return began.load(); });
    peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart), Chunk(kStreamDelta)));
    AwaitOpening();
    return peer.Send(absl::StrCat(Chunk(kStreamEnd), kLastChunk));
  });
  HttpConnection client = Connect();
  client.Send(Post(kStreamPrompt));
  ASSERT_TRUE(WaitUntil([&] { return upstream_->serving() == 1; }));
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0));
  began = true;
  client.ReadUntil("text_delta");
  EXPECT_TRUE(daemon_.WaitForSlots(1, 0)) << "silent is not lost";
  open_ = true;
  EXPECT_TRUE(client.Read().complete);
  EXPECT_EQ(upstream_->requests().size(), 1u);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

struct BrokenStream {
  const char* path;
  const char* body;
  const char* begun;  // what came of it
  const char* error;  // what its client reads then
  const char* end;    // what it must not
};

constexpr BrokenStream kBroken[] = {
    {"/v1/messages", kStreamPrompt,
     "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n"
     "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":"
     "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
     "event: error\ndata: {\"type\":\"error\"", "message_stop"},
    {kChatPath, kStreamPrompt,
     "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n", "data: {\"error\":{",
     "[DONE]"},
    {kResponsesPath, R"({"model":"m","stream":true,"input":"hi"})",
     "event: response.reasoning_text.delta\n"
     "data: {\"type\":\"response.reasoning_text.delta\",\"delta\":\"hm\"}\n\n",
     "event: response.failed\n", "response.completed"},
};

TEST_F(LostConnectionTest, StreamThatDiesEndsWithAnErrorAndIsNotAskedForAgain) {
  for (const BrokenStream& one : kBroken) {
    for (const bool reset : {true, false}) {
      SCOPED_TRACE(absl::StrCat(one.path, reset ? " reset" : " closed"));
      gateway_.reset();
      StartWith([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
        open_ = false;
        peer.Send(absl::StrCat(kStreamHead, Chunk(one.begun)));
        AwaitOpening();  // a reset may overtake what was sent before it
        if (reset) peer.Reset();
        return false;
      });
      HttpConnection client = Connect();
      client.Send(Post(one.body, "", one.path));
      client.ReadUntil("hm");
      open_ = true;
      const HttpAnswer answer = client.Read();
      EXPECT_THAT(answer.body, AllOf(HasSubstr(one.error), Not(HasSubstr(one.end))));
      EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
      EXPECT_EQ(upstream_->requests().size(), 1u);
    }
  }
  for (const auto& row : SettledRows()) EXPECT_EQ(row.outcome(), v1::OUTCOME_TRANSIENT);
}

}  // namespace
}  // namespace zbroker::testing
