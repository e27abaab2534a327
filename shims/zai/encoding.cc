#include "shims/zai/encoding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace zbroker::zai {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;
// What RFC 9659 lets a sender of the encoding ask for.
constexpr int kZstdWindowLogMax = 23;
constexpr size_t kCodingsMax = 3;

using Piece = std::array<char, kPieceBytes>;

absl::Status Broken(absl::string_view encoding) {
  return absl::InvalidArgumentError(absl::StrCat("the body is not ", encoding));
}

absl::Status Append(absl::string_view piece, size_t bytes_max, std::string* out) {
  if (piece.size() > bytes_max - std::min(bytes_max, out->size())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the body, decoded, is larger than ", bytes_max, " bytes"));
  }
  out->append(piece.data(), piece.size());
  return absl::OkStatus();
}

class Inflater final : public Decoder {
 public:
  explicit Inflater(bool gzip) : gzip_(gzip) {}
  ~Inflater() override {
    if (begun_) inflateEnd(&stream_);
  }

  absl::Status Feed(absl::string_view bytes, size_t bytes_max, std::string* out) override {
    if (bytes.empty()) return absl::OkStatus();
    if (!begun_ && !Begin(bytes[0])) return Broken(Name());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    Piece piece;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      // What follows a whole member and is none is padding.
      if (code == Z_DATA_ERROR && members_ > 0 && stream_.total_out == 0) return absl::OkStatus();
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return Broken(Name());
      const size_t given = piece.size() - stream_.avail_out;
      if (absl::Status kept = Append({piece.data(), given}, bytes_max, out); !kept.ok())
        return kept;
      if (code == Z_STREAM_END) ++members_;
      // A body of gzip may have several members; what follows the end of deflate means nothing.
      if (code == Z_STREAM_END && (!gzip_ || inflateReset(&stream_) != Z_OK)) break;
      if (code == Z_BUF_ERROR) break;
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return absl::OkStatus();
  }

 private:
  absl::string_view Name() const { return gzip_ ? "gzip" : "deflate"; }

  // "deflate" is zlib's frame by the standard, and none by what some send.
  bool Begin(char first) {
    constexpr int kGzip = MAX_WBITS + 16;
    const bool framed = (static_cast<uint8_t>(first) & 0x0F) == Z_DEFLATED;
    begun_ = inflateInit2(&stream_, gzip_ ? kGzip : framed ? MAX_WBITS : -MAX_WBITS) == Z_OK;
    return begun_;
  }

  const bool gzip_;
  bool begun_ = false;
  int members_ = 0;  // that have ended
  z_stream stream_ = {};
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }

  absl::Status Feed(absl::string_view bytes, size_t bytes_max, std::string* out) override {
    Piece piece;
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    for (bool full = false; full || in.pos < in.size;) {
      ZSTD_outBuffer given = {piece.data(), piece.size(), 0};
      const size_t code = ZSTD_decompressStream(context_.get(), &given, &in);
      if (ZSTD_isError(code)) return Broken("zstd");
      if (absl::Status kept = Append({piece.data(), given.pos}, bytes_max, out); !kept.ok()) {
        return kept;
      }
      full = given.pos == given.size;
    }
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
};

class BrotliDecoder final : public Decoder {
 public:
  BrotliDecoder()
      : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
               &BrotliDecoderDestroyInstance) {}

  absl::Status Feed(absl::string_view bytes, size_t bytes_max, std::string* out) override {
    Piece piece;
    size_t left = bytes.size();
    const auto* next = reinterpret_cast<const uint8_t*>(bytes.data());
    for (;;) {
      size_t room = piece.size();
      auto* to = reinterpret_cast<uint8_t*>(piece.data());
      const BrotliDecoderResult result =
          BrotliDecoderDecompressStream(state_.get(), &left, &next, &room, &to, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) return Broken("br");
      const size_t given = piece.size() - room;
      if (absl::Status kept = Append({piece.data(), given}, bytes_max, out); !kept.ok())
        return kept;
      if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return absl::OkStatus();
    }
  }

 private:
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state_;
};

// What was encoded twice.
class ChainedDecoder final : public Decoder {
 public:
  ChainedDecoder(std::unique_ptr<Decoder> outer, std::unique_ptr<Decoder> inner)
      : outer_(std::move(outer)), inner_(std::move(inner)) {}

  absl::Status Feed(absl::string_view bytes, size_t bytes_max, std::string* out) override {
    std::string between;
    if (absl::Status status = outer_->Feed(bytes, bytes_max, &between); !status.ok()) return status;
    return inner_->Feed(between, bytes_max, out);
  }

 private:
  const std::unique_ptr<Decoder> outer_;
  const std::unique_ptr<Decoder> inner_;
};

// In the order in which they were applied.
std::vector<absl::string_view> CodingsOf(absl::string_view content_encoding) {
  std::vector<absl::string_view> codings;
  for (absl::string_view coding : absl::StrSplit(content_encoding, ',')) {
    coding = absl::StripAsciiWhitespace(coding);
    if (!coding.empty() && !absl::EqualsIgnoreCase(coding, "identity")) codings.push_back(coding);
  }
  return codings;
}

std::unique_ptr<Decoder> CreateOne(absl::string_view coding) {
  const std::string name = absl::AsciiStrToLower(coding);
  if (name == "gzip" || name == "x-gzip") return std::make_unique<Inflater>(true);
  if (name == "deflate") return std::make_unique<Inflater>(false);
  if (name == "zstd") return std::make_unique<ZstdDecoder>();
  if (name == "br") return std::make_unique<BrotliDecoder>();
  return nullptr;
}

}  // namespace

bool IsEncoded(absl::string_view content_encoding) { return !CodingsOf(content_encoding).empty(); }

absl::string_view EncodingOfBytes(absl::string_view body) {
  if (absl::StartsWith(body, "\x28\xB5\x2F\xFD")) return "zstd";
  if (absl::StartsWith(body, "\x1F\x8B\x08")) return "gzip";
  return "";
}

std::unique_ptr<Decoder> Decoder::Create(absl::string_view content_encoding) {
  const std::vector<absl::string_view> codings = CodingsOf(content_encoding);
  if (codings.empty() || codings.size() > kCodingsMax) return nullptr;
  std::unique_ptr<Decoder> decoder = CreateOne(codings[0]);
  // The last one was applied last.
  for (size_t i = 1; i < codings.size() && decoder != nullptr; ++i) {
    std::unique_ptr<Decoder> outer = CreateOne(codings[i]);
    if (outer == nullptr) return nullptr;
    decoder = std::make_unique<ChainedDecoder>(std::move(outer), std::move(decoder));
  }
  return decoder;
}

absl::StatusOr<std::string> DecodeBody(absl::string_view content_encoding, absl::string_view body,
                                       size_t bytes_max) {
  const std::unique_ptr<Decoder> decoder = Decoder::Create(content_encoding);
  if (decoder == nullptr) return absl::UnimplementedError("an encoding that is not known");
  std::string decoded;
  if (absl::Status status = decoder->Feed(body, bytes_max, &decoded); !status.ok()) return status;
  return decoded;
}

}  // namespace zbroker::zai
