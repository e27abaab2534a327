#include "shims/mcp/message.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::mcp {
namespace {

using Kind = Message::Kind;

Message Only(absl::string_view line) {
  MessageReader reader;
  const MessageLine read = reader.Read(line);
  EXPECT_EQ(read.messages.size(), 1u) << line;
  return read.messages.empty() ? Message() : read.messages[0];
}

TEST(MessageTest, CallHasItsToolItsIdAndItsToken) {
  const Message call = Only(R"({"jsonrpc":"2.0","id":7,"method":"tools/call",)"
                            R"("params":{"name":"search","_meta":{"progressToken":"t\"1"}}})"
                            "\r\n");
  EXPECT_EQ(call.kind, Kind::kCall);
  EXPECT_EQ(call.id, "7");
  EXPECT_EQ(call.tool, "search");
  EXPECT_EQ(call.progress_token, R"("t\"1")");
}

TEST(MessageTest, IdsAreKeptInTheirType) {
  const auto id_of = [](const std::string& id) {
    return Only(R"({"id":)" + id + R"(,"method":"tools/call"})").id;
  };
  EXPECT_EQ(id_of("\"7\""), "\"7\"");
  EXPECT_EQ(id_of("-1"), "-1");
  EXPECT_EQ(id_of("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(id_of("1.5"), "1.5");
  EXPECT_EQ(id_of(R"("\u00e9\n")"), "\"\u00e9\\n\"");
}

TEST(MessageTest, MethodIsReadThroughItsEscapes) {
  EXPECT_EQ(Only(R"({"id":1,"method":"tools\/call"})").kind, Kind::kCall);
  EXPECT_EQ(Only(R"({"id":1,"method":"\u0074ools/call"})").kind, Kind::kCall);
}

TEST(MessageTest, KnowsWhatWantsAnAnswerAndWhatIsOne) {
  EXPECT_EQ(Only(R"({"id":1,"method":"ping"})").kind, Kind::kRequest);
  EXPECT_EQ(Only(R"({"id":1,"result":{}})").kind, Kind::kAnswer);
  EXPECT_EQ(Only(R"({"id":1,"result":null})").kind, Kind::kAnswer);
  EXPECT_EQ(Only(R"({"id":1,"error":{"code":-1}})").kind, Kind::kAnswer);
  EXPECT_EQ(Only(R"({"method":"tools/call","params":{"name":"x"}})").kind, Kind::kOther)
      << "nobody answers a notification";
  EXPECT_EQ(Only(R"({"id":null,"method":"tools/call"})").kind, Kind::kOther);
  EXPECT_EQ(Only(R"({"method":"notifications/progress","params":{}})").kind, Kind::kOther);
  EXPECT_EQ(Only("5").kind, Kind::kOther);
}

TEST(MessageTest, CancellationNamesItsRequest) {
  const Message cancel =
      Only(R"({"method":"notifications/cancelled","params":{"requestId":"a","reason":"r"}})");
  EXPECT_EQ(cancel.kind, Kind::kCancel);
  EXPECT_EQ(cancel.id, "\"a\"");
  EXPECT_EQ(Only(R"({"method":"notifications/cancelled"})").kind, Kind::kOther);
}

TEST(MessageTest, BatchIsReadMessageByMessage) {
  MessageReader reader;
  const MessageLine line =
      reader.Read(R"([{"id":1,"method":"tools/call"},{"id":2,"result":{"a":1}}])");
  EXPECT_TRUE(line.batch);
  ASSERT_EQ(line.messages.size(), 2u);
  EXPECT_EQ(line.messages[0].kind, Kind::kCall);
  EXPECT_EQ(line.messages[1].text, R"({"id":2,"result":{"a":1}})");
}

TEST(MessageTest, WhatIsNoJsonHasNoMessages) {
  MessageReader reader;
  for (const absl::string_view line :
       {absl::string_view("hello\n"), absl::string_view("\n"), absl::string_view(""),
        absl::string_view("{\"id\":1"), absl::string_view("\0{}", 3), absl::string_view("{}{}"),
        absl::string_view("{\"id\":1,\"method\":\"tools/call\"}\0", 32)}) {
    EXPECT_TRUE(reader.Read(line).messages.empty()) << line;
  }
  EXPECT_TRUE(reader.Read(std::string(100'000, '[')).messages.empty());
  EXPECT_EQ(reader.Read(R"({"id":1,"method":"ping"})").messages.size(), 1u) << "it goes on";
}

TEST(MessageTest, CallWithBytesThatAreNoUtf8IsACall) {
  const Message call =
      Only("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"s\",\"q\":\"\xFF\"}}");
  EXPECT_EQ(call.kind, Kind::kCall);
  EXPECT_EQ(call.tool, "s");
}

TEST(MessageTest, ToolsNameIsFitToBeShown) {
  const Message call = Only(R"({"id":1,"method":"tools/call","params":{"name":")" +
                            std::string(1000, 'x') + R"("}})");
  EXPECT_EQ(call.tool.size(), 256u);
}

}  // namespace
}  // namespace zbroker::mcp
