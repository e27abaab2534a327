#include "client/zctl/block_view.h"

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/zctl/format.h"
#include "client/zctl/paint.h"
#include "client/zctl/words.h"

namespace zbroker::zctl {
namespace {

// What of the account it is of; empty: all of it.
std::string ScopeOf(const v1::Block& block) {
  if (!block.model().empty()) return absl::StrCat(" of ", EscapeControls(block.model()));
  if (block.kind() != v1::KIND_UNSPECIFIED) return absl::StrCat(" of kind ", Word(block.kind()));
  return block.reason() == v1::BLOCK_REASON_OVERLOAD ? " of requests of unknown model" : "";
}

}  // namespace

std::string BlockTitle(const v1::Block& block, absl::Time now, absl::TimeZone zone) {
  return absl::StrCat(Word(block.reason()), ScopeOf(block), " until ",
                      FormatUntil(ToTime(block.until()), now, zone));
}

std::string BlockWords(const v1::Block& block) {
  std::string words = EscapeControls(block.detail());
  if (!block.upstream_code().empty()) {
    absl::StrAppend(&words, words.empty() ? "code " : " (", EscapeControls(block.upstream_code()),
                    words.empty() ? "" : ")");
  }
  return words;
}

}  // namespace zbroker::zctl
