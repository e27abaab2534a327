#include "shims/zai/background.h"

#include <gtest/gtest.h>

#include "shims/zai/request.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

Inspection Inspect(absl::string_view body) {
  return InspectRequest(FindEndpoint("POST", "/v1/messages"), NoHeaders, body);
}

void ExpectBackground(absl::string_view body) {
  SCOPED_TRACE(body);
  const Inspection inspection = Inspect(body);
  EXPECT_TRUE(inspection.background);
  EXPECT_EQ(inspection.kind, Kind::kCall);
  EXPECT_TRUE(inspection.needs_slot);
}

TEST(BackgroundTest, TitleOfOpenCode) {
  ExpectBackground(R"({"model":"glm-4.7-flash","stream":true,"messages":[
      {"role":"system","content":"You are a title generator. You output ONLY a thread title. …"},
      {"role":"user","content":"Generate a title for this conversation:\n"},
      {"role":"user","content":"fix the build"}]})");
  ExpectBackground(R"({"model":"glm-4.7-flash","stream":true,
      "system":[{"type":"text","text":"You are a title generator. You output ONLY …"}],
      "messages":[{"role":"user","content":[
        {"type":"text","text":"Generate a title for this conversation:\n"},
        {"type":"text","text":"fix the build"}]}]})");
}

TEST(BackgroundTest, TitlesAndTopicsOfClaudeCode) {
  ExpectBackground(R"({"system":[{"type":"text","text":"You are Claude Code, …"},
      {"type":"text","text":"Analyze if this message indicates a new conversation topic. If …"}],
      "messages":[{"role":"user","content":"who are you"}]})");
  ExpectBackground(R"({"tools":[],"system":[{"type":"text","text":"You are Claude Code, …"},
      {"type":"text","text":"\nGenerate a concise, sentence-case title (3-7 words) that …"}],
      "messages":[{"role":"user","content":"who are you"}]})");
  ExpectBackground(R"({"tools":[],"system":[{"type":"text","text":"You are Claude Code, …"},
      {"type":"text","text":"You are naming a coding session so the user can pick it out of …"}],
      "messages":[{"role":"user","content":"<session>\nwho are you\n</session>"}]})");
  ExpectBackground(R"({"messages":[{"role":"user","content":
      "Please write a 5-10 word title for the following conversation:\n…"}]})");
}

TEST(BackgroundTest, TitleOfContinue) {
  ExpectBackground(R"({"model":"glm-4.7","max_tokens":16,"stream":false,"messages":[
      {"role":"user","content":"Given the following... please reply with a title for the chat that is 3-4 words in length, all"}]})");
}

TEST(BackgroundTest, TitleOfKiloCountsForItsParent) {
  const FakeHeaders headers{{"x-session-id", "title-ses_dde2"}};
  EXPECT_EQ(InspectRequest(FindEndpoint("POST", "/chat/completions"), headers, "{}").session,
            "ses_dde2");
  const FakeHeaders other{{"x-session-id", "title-of-mine"}};
  EXPECT_EQ(InspectRequest(FindEndpoint("POST", "/chat/completions"), other, "{}").session,
            "title-of-mine");
}

TEST(BackgroundTest, VisionServersRequestIsAStepOfTheAgents) {
  const FakeHeaders headers{{"x-title", "4.5V MCP Local"}};
  const Inspection inspection =
      InspectRequest(FindEndpoint("POST", "/api/paas/v4/chat/completions"), headers,
                     R"({"model":"glm-4.6v","messages":[{"role":"user","content":[
                         {"type":"image_url","image_url":{"url":"data:"}}]}]})");
  EXPECT_EQ(inspection.kind, Kind::kCall);
  EXPECT_FALSE(inspection.background);
}

TEST(BackgroundTest, SuggestionThoughItOffersTools) {
  ExpectBackground(R"({"tools":[{"name":"Bash"}],"messages":[{"role":"user","content":"hi"},
      {"role":"assistant","content":"hello"},
      {"role":"user","content":"[SUGGESTION MODE: Suggest what the user might type next…]"}]})");
}

TEST(BackgroundTest, ProbeForOneToken) {
  ExpectBackground(R"({"model":"glm-4.5-air","max_tokens":1,
      "messages":[{"role":"user","content":"quota"}]})");
  ExpectBackground(R"({"messages":[{"role":"user","content":"x"}],"max_completion_tokens":1})");
}

TEST(BackgroundTest, WarmUpIsTheWholeText) {
  ExpectBackground(R"({"tools":[{"name":"Bash"}],"messages":[
      {"role":"user","content":[{"type":"text","text":"Warmup"}]}]})");
  EXPECT_EQ(Inspect(R"({"messages":[{"role":"user","content":"Warmup exercises, please"}]})").kind,
            Kind::kPrompt);
}

TEST(BackgroundTest, StepThatIsWaitedForIsACallAndNotBackground) {
  const Inspection inspection = Inspect(R"({"tools":[{"name":"Bash"}],"messages":[
      {"role":"user","content":"Your task is to create a detailed summary of the conversation …"}]})");
  EXPECT_EQ(inspection.kind, Kind::kCall);
  EXPECT_FALSE(inspection.background);
}

TEST(BackgroundTest, PersonWhoTypesAMarkAmongToolsStillPrompts) {
  const Inspection inspection = Inspect(R"({"tools":[{"name":"Bash"}],"messages":[
      {"role":"user","content":"Please write a 5-10 word title for my talk"}]})");
  EXPECT_EQ(inspection.kind, Kind::kPrompt);
  EXPECT_FALSE(inspection.background);
}

TEST(BackgroundTest, MarkInOlderMessageDoesNotMatter) {
  EXPECT_EQ(Inspect(R"({"tools":[{}],"messages":[{"role":"user","content":"Warmup"},
      {"role":"assistant","content":"ready"},{"role":"user","content":"go"}]})")
                .kind,
            Kind::kPrompt);
}

TEST(BackgroundTest, MarkElsewhereInTextDoesNotMatter) {
  EXPECT_EQ(FindMark(Place::kSystem, "I said: You are a title generator.\""), nullptr);
  EXPECT_EQ(FindMark(Place::kUser, "You are a title generator.\""), nullptr);
  EXPECT_NE(FindMark(Place::kSystem, R"(\n You are a title generator. …")"), nullptr);
  EXPECT_EQ(FindMark(Place::kUser, "War"), nullptr);
}

}  // namespace
}  // namespace zbroker::zai
