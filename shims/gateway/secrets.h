// What of the upstream's words may be kept and logged.
//
// Errors quote requests, and what an error says goes to the ledger, to whoever looks at a block,
// and to the log. Keys and prompts must not.
#ifndef ZBROKER_SHIMS_GATEWAY_SECRETS_H_
#define ZBROKER_SHIMS_GATEWAY_SECRETS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "shims/gateway/headers.h"
#include "shims/zai/signal.h"

namespace zbroker::gateway {

// The credentials and the text of one request. Not thread-safe.
class Secrets {
 public:
  // Bytes in a row that are a quotation: of a credential, and of the body, which has words of
  // everybody's in it, too.
  static constexpr size_t kCredentialRun = 8;
  static constexpr size_t kBodyRun = 16;
  // Characters that are left of a text that nobody knows beforehand.
  static constexpr size_t kUnknownTextMax = 64;

  // Credentials are the fields and members of the query whose names say so. `body` must outlive
  // this. `open`: what is no secret wherever it stands, such as the model's name.
  Secrets(const Headers& headers, absl::string_view target, absl::string_view body,
          absl::string_view open);

  // The text with "…" for each quotation.
  std::string Mask(absl::string_view text) const;

  // The verdict with texts that can be kept: masked, and cut if they belong to no known error.
  zai::Verdict Mask(zai::Verdict verdict) const;

 private:
  void Add(absl::string_view credential);

  std::vector<std::string> credentials_;
  const absl::string_view body_;
  const std::string open_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_SECRETS_H_
