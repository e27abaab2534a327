#include "shims/zai/stream.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "shims/zai/json_text.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

// All that a watcher says, to be compared.
std::string Summary(const zai::StreamWatcher& watcher) {
  std::string summary =
      absl::StrCat(watcher.decided(), watcher.complete(), " ", watcher.usage().input, " ",
                   watcher.usage().cached, " ", watcher.usage().output);
  if (watcher.error()) {
    absl::StrAppend(&summary, " ", static_cast<int>(watcher.error()->signal), " ",
                    watcher.error()->code, " ", watcher.error()->message);
  }
  return summary;
}

// Mostly small pieces, now and then a large one.
size_t PieceSize(std::mt19937& random) {
  return 1 + (random() % 8 == 0 ? random() % 5000 : random() % 20);
}

std::string CheckSplits(const zai::Endpoint& endpoint, absl::string_view stream, uint32_t seed) {
  zai::StreamWatcher whole(endpoint);
  zai::StreamWatcher split(endpoint);
  whole.Feed(stream, kNow);
  std::mt19937 random(seed);
  for (absl::string_view rest = stream; !rest.empty();) {
    const absl::string_view piece = rest.substr(0, PieceSize(random));
    const bool decided = split.decided();
    split.Feed(piece, kNow);
    if (decided && !split.decided()) return "a decision taken back";
    rest.remove_prefix(piece.size());
  }
  if (Summary(whole) != Summary(split)) return "a split that matters";
  whole.Finish(kNow);
  split.Finish(kNow);
  if (Summary(whole) != Summary(split)) return "a split that matters at the end";
  return whole.error() ? Mistake(*whole.error()) : "";
}

std::string CheckContent(const zai::Endpoint& endpoint, absl::string_view text) {
  const std::string quoted = zai::JsonString(text);
  zai::StreamWatcher watcher(endpoint);
  watcher.Feed(
      absl::StrCat(R"(data: {"choices":[{"delta":{"content":)", quoted,
                   R"(},"finish_reason":null}]})", "\n\n", "event: content_block_delta\n",
                   R"(data: {"type":"content_block_delta","delta":{"text":)", quoted, "}}\n\n"),
      kNow);
  if (watcher.error()) return "an error in the content of a stream";
  if (watcher.complete()) return "an end in the content of a stream";
  return "";
}

}  // namespace

std::string FuzzStream(absl::string_view input) {
  const zai::Endpoint endpoint = TakeEndpoint(&input);
  const uint8_t seed = TakeByte(&input);
  const std::string mistake = CheckSplits(endpoint, input, seed);
  return mistake.empty() ? CheckContent(endpoint, input) : mistake;
}

}  // namespace zbroker::fuzz
