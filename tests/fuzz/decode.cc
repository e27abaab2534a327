#include <iterator>

#include "shims/zai/encoding.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

constexpr absl::string_view kEncodings[] = {"gzip", "deflate", "zstd", "br"};
constexpr size_t kBytesMax = 256 * 1024;

}  // namespace

std::string FuzzDecode(absl::string_view input) {
  const absl::string_view encoding = kEncodings[TakeByte(&input) % std::size(kEncodings)];
  const size_t piece = 1 + TakeByte(&input);
  const absl::StatusOr<std::string> whole = zai::DecodeBody(encoding, input, kBytesMax);
  if (whole.ok() && whole->size() > kBytesMax) return "more than the bound";
  const auto decoder = zai::Decoder::Create(encoding);
  std::string split;
  absl::Status status;
  for (size_t at = 0; at < input.size() && status.ok(); at += piece) {
    status = decoder->Feed(input.substr(at, piece), kBytesMax, &split);
    if (split.size() > kBytesMax) return "more than the bound in pieces";
  }
  if (whole.ok() && (!status.ok() || split != *whole)) return "a split that matters";
  return "";
}

}  // namespace zbroker::fuzz
