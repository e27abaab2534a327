#include "shims/zai/background.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "shims/zai/json_reader.h"

namespace zbroker::zai {
namespace {

constexpr Mark kMarks[] = {
    // OpenCode: its title agent.
    {Place::kSystem, Match::kPrefix, "You are a title generator.", true, true},
    // Crush: likewise.
    {Place::kSystem, Match::kPrefix, "you will generate a short title based on", true, true},
    // Claude Code: the session's title, by version.
    {Place::kSystem, Match::kPrefix, "Generate a concise, sentence-case title", true, true},
    {Place::kUser, Match::kPrefix, "Generate a concise, sentence-case title", true, true},
    {Place::kSystem, Match::kPrefix, "You are naming a coding session", true, true},
    {Place::kUser, Match::kPrefix, "Please write a 5-10 word title", true, true},
    {Place::kSystem, Match::kPrefix, "Summarize this coding conversation in under", true, true},
    // Continue: a chat's title, which it asks for as a person would.
    {Place::kUser, Match::kPrefix, "Given the following... please reply with a title for the chat",
     true, true},
    // Codex: a task's title. Its headers say so too.
    {Place::kUser, Match::kPrefix, "Generate a concise, single-line task title", true, true},
    // Claude Code: whether a message begins a new topic.
    {Place::kSystem, Match::kPrefix, "Analyze if this message indicates a new conversation topic",
     true, true},
    // Claude Code: guesses what the user types next. It repeats the conversation, tools included.
    {Place::kUser, Match::kPrefix, "[SUGGESTION MODE:", true, false},
    // Claude Code: fills the cache of a sub-agent before it is wanted.
    {Place::kUser, Match::kWhole, "Warmup", true, false},
    // Claude Code: which files to name as examples on the start screen.
    {Place::kSystem, Match::kPrefix, "You are an expert at analyzing git history", true, true},
    // Claude Code: steps of work that waits for them.
    {Place::kSystem, Match::kPrefix, "Your task is to process Bash commands", false, true},
    {Place::kSystem, Match::kPrefix, "Extract any file paths that this command reads or modifies",
     false, true},
    {Place::kSystem, Match::kPrefix, "You are an assistant for performing a web search tool use",
     false, false},
    {Place::kSystem, Match::kPrefix, "You are a security monitor for autonomous AI coding agents",
     false, true},
    {Place::kUser, Match::kPrefix, "Your task is to create a detailed summary of the conversation",
     false, false},
    // Codex: makes room in the context before it goes on.
    {Place::kUser, Match::kPrefix, "You are performing a CONTEXT CHECKPOINT COMPACTION", false,
     false},
};

// How Codex begins what it says in the user's name, by version.
constexpr absl::string_view kContexts[] = {"<environment_context>",
                                           "<user_instructions>",
                                           "# AGENTS.md instructions",
                                           "<turn_aborted>",
                                           "<user_shell_command>",
                                           "<subagent_notification>",
                                           "<skill>",
                                           "<recommended_plugins>"};

// Of `thread_source` in the header that Codex describes a turn with: what it does unasked.
constexpr absl::string_view kUnaskedThreads[] = {"thread_title", "memory_consolidation"};

// White space before the text, escaped or not.
absl::string_view SkipSpace(absl::string_view raw) {
  while (absl::ConsumePrefix(&raw, " ") || absl::ConsumePrefix(&raw, "\\n") ||
         absl::ConsumePrefix(&raw, "\\r") || absl::ConsumePrefix(&raw, "\\t")) {
  }
  return raw;
}

bool IsUnaskedThread(absl::string_view turn_metadata) {
  json_reader::Parser parser;
  const std::optional<json_reader::Element> turn = parser.Parse(turn_metadata);
  if (!turn) return false;
  const absl::string_view source = json_reader::TextMember(*turn, "thread_source");
  return std::find(std::begin(kUnaskedThreads), std::end(kUnaskedThreads), source) !=
         std::end(kUnaskedThreads);
}

}  // namespace

bool IsContext(absl::string_view raw) {
  raw = SkipSpace(raw);
  for (const absl::string_view context : kContexts) {
    if (absl::StartsWith(raw, context)) return true;
  }
  return false;
}

Purpose PurposeOf(HeaderLookup headers) {
  if (IsUnaskedThread(headers("x-codex-turn-metadata"))) return Purpose::kBackground;
  // The provider's own MCP server names itself so: it looks at a picture for the agent.
  if (absl::StrContains(headers("x-title"), "MCP")) return Purpose::kStep;
  return Purpose::kUnsaid;
}

const Mark* FindMark(Place place, absl::string_view raw) {
  raw = SkipSpace(raw);
  for (const Mark& mark : kMarks) {
    if (mark.place != place) continue;
    if (!absl::StartsWithIgnoreCase(raw, mark.text)) continue;
    if (mark.match == Match::kPrefix) return &mark;
    if (absl::StartsWith(SkipSpace(raw.substr(mark.text.size())), "\"")) return &mark;
  }
  return nullptr;
}

}  // namespace zbroker::zai
