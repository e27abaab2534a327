#include "client/zctl/statusline_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string Render(const std::string& account, absl::string_view format = "",
                   const std::string& session = "", bool color = false) {
  const auto status = Parse<v1::Status>(
      absl::StrCat("now { seconds: ", kNoon, " } accounts { name: 'default' ", account, " }"));
  return RenderStatusline(status, format, session, color, absl::UTCTimeZone());
}

constexpr char kBusy[] =
    "slots { limit: 3 in_flight: 3 waiting: 2 } waiters { session: 'a' } waiters { session: 'b' } ";

std::string Windows() {
  return absl::StrCat(
      "windows { name: '5h' unit: 'prompts' used: 62.9 limit: 100 reset { seconds: ", kNoon + 3600,
      " } } windows { name: 'week' used: 90 limit: 100 reset { seconds: ", kNoon + 86400,
      " } } windows { name: 'mcp' limit: 100 } windows { name: 'count' used: 4 }");
}

TEST(StatuslineTest, SlotsQueueAndTheWindowsThatAreUsed) {
  EXPECT_EQ(Render("slots { limit: 3 }"), "0/3 slots");
  EXPECT_EQ(Render(absl::StrCat(kBusy, Windows())),
            "3/3 slots · 2 wait · 5h 62% resets 13:00 · week 90% resets Mon 12:00");
}

TEST(StatuslineTest, OwnSessionsWaitersAreCountedApart) {
  EXPECT_EQ(Render(kBusy, "", "a"), "3/3 slots · 2 wait, 1 here");
}

TEST(StatuslineTest, WhatBlocksComesFirst) {
  EXPECT_EQ(Render(absl::StrCat("slots { limit: 3 } blocked { reason: 'wall' until { seconds: ",
                                kNoon + 600, " } }")),
            "wall until 12:10 · 0/3 slots");
}

TEST(StatuslineTest, ColorsAreForTerminals) {
  const std::string blocked = "slots { limit: 3 } blocked { reason: 'paused' }";
  EXPECT_THAT(Render(blocked, "", "", true), HasSubstr("\x1b[1;31mpaused\x1b[0m"));
  EXPECT_THAT(Render(blocked, "starship", "", true), Not(HasSubstr("\x1b")));
  EXPECT_EQ(Render(blocked, "tmux"), "#[fg=red,bold]paused#[default] · 0/3 slots");
}

TEST(StatuslineTest, WaybarGetsItsJson) {
  const std::string json =
      Render(absl::StrCat(kBusy, "windows { name: '<&>' used: 50 limit: 100 }"), "waybar");
  google::protobuf::Struct object;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &object).ok()) << json;
  EXPECT_EQ(json.find('\n'), json.npos);
  auto& fields = *object.mutable_fields();
  EXPECT_EQ(fields["text"].string_value(), "3/3 slots · 2 wait · &lt;&amp;&gt; 50%");
  EXPECT_EQ(fields["tooltip"].string_value(), fields["text"].string_value());
  EXPECT_EQ(fields["class"].string_value(), "waiting");
  EXPECT_EQ(fields["percentage"].number_value(), 50);
}

TEST(StatuslineTest, TemplateIsFilledIn) {
  EXPECT_EQ(Render(absl::StrCat(kBusy, Windows()), "[{account}: {slots}, {windows}]{blocked}"),
            "[default: 3/3 slots, 5h 62% resets 13:00 · week 90% resets Mon 12:00]");
}

TEST(StatuslineTest, FormatThatIsNoneIsRefused) {
  EXPECT_OK(CheckBar("tmux"));
  EXPECT_OK(CheckBar("{slots} {line}"));
  for (const char* format : {"tnux", "{slot}", "{", "{}", "{slots} {x}"}) {
    EXPECT_THAT(CheckBar(format),
                zbroker::testing::Fails(absl::StatusCode::kInvalidArgument, HasSubstr("{windows}")))
        << format;
  }
}

TEST(BarTest, SaysWhatIsWrongWithATemplate) {
  const auto why = [](absl::string_view format) { return std::string(CheckBar(format).message()); };
  EXPECT_THAT(why("{slots} {nope}"), StartsWith("\"{nope}\" is no field; there are {account}"));
  EXPECT_THAT(why("a {slots"), StartsWith("\"{slots\" has no \"}\" at its end; there are "));
  EXPECT_THAT(why("{account} {slots"), StartsWith("\"{slots\" has no \"}\" at its end"));
  EXPECT_THAT(why("{slots}\n{windows}"), HasSubstr("has a line break"));
  EXPECT_THAT(why("{slots}\r"), HasSubstr("has a line break"));
  EXPECT_THAT(why("{account} {slots}"), IsEmpty());
  EXPECT_THAT(why("}{line}}"), IsEmpty());
}

TEST(StatuslineTest, WithoutADaemonItSaysSoQuietly) {
  EXPECT_EQ(RenderNoStatusline("off", "", true), "\x1b[2mzbroker: off\x1b[0m");
  EXPECT_EQ(RenderNoStatusline("off", "{line}", true), "zbroker: off");
  EXPECT_THAT(RenderNoStatusline("off", "waybar", true), HasSubstr(R"("class":"off")"));
}

}  // namespace
}  // namespace zbroker::zctl
