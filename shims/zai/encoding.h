// Undoing Content-Encoding, to look into a body. Nothing is ever sent on decoded: what is relayed
// are the bytes as they came.
#ifndef ZBROKER_SHIMS_ZAI_ENCODING_H_
#define ZBROKER_SHIMS_ZAI_ENCODING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::zai {

// Of a request's body, decoded. Tools compress to about a tenth; what is beyond this is no body but
// an attempt on our memory.
inline constexpr size_t kDecodedBytesMax = size_t{64} * 1024 * 1024;

// Whether the value of Content-Encoding says that the bytes are other than they mean.
bool IsEncoded(absl::string_view content_encoding);

// The encoding that a body has though no header says so: "zstd", "gzip", or empty. By its first
// bytes, with which no JSON begins.
absl::string_view EncodingOfBytes(absl::string_view body);

// Decodes one body, in pieces. Memory is bounded by what it gives and by a window of 8 MiB.
class Decoder {
 public:
  // For the value of Content-Encoding: gzip, deflate (with or without zlib's frame), zstd or br, or
  // up to three of them, one on top of the other. Null: one that is not known, or more.
  static std::unique_ptr<Decoder> Create(absl::string_view content_encoding);
  virtual ~Decoder() = default;

  // Appends what `bytes`, the next of the body, mean. Errors: INVALID_ARGUMENT, the bytes are not
  // of the encoding; RESOURCE_EXHAUSTED, `out` would be larger than `bytes_max`. After an error the
  // decoder is of no more use, and `out` has what came before.
  virtual absl::Status Feed(absl::string_view bytes, size_t bytes_max, std::string* out) = 0;
};

// A whole body. Errors: as above, and UNIMPLEMENTED for an encoding that is not known.
absl::StatusOr<std::string> DecodeBody(absl::string_view content_encoding, absl::string_view body,
                                       size_t bytes_max);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ENCODING_H_
