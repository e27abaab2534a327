#include "shims/zai/encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "absl/strings/escaping.h"
#include "shims/zai/request.h"
#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

constexpr char kText[] = R"({"model":"glm-5.3","input":"hi"})";
constexpr size_t kPlenty = 1024 * 1024;

std::string Deflate(absl::string_view text, int window_bits) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Gzip(absl::string_view text) { return Deflate(text, MAX_WBITS + 16); }

// kText by the tools of the others.
std::string Zstd() {
  return absl::HexStringToBytes(
      "28b52ffd04580101007b226d6f64656c223a22676c6d2d352e33222c22696e707574223a226869227de049525c");
}
std::string Brotli() {
  return absl::HexStringToBytes(
      "8b0f807b226d6f64656c223a22676c6d2d352e33222c22696e707574223a226869227d03");
}

TEST(EncodingTest, EveryEncodingIsUndone) {
  EXPECT_EQ(*DecodeBody("gzip", Gzip(kText), kPlenty), kText);
  EXPECT_EQ(*DecodeBody(" GZip ", Gzip(kText), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("deflate", Deflate(kText, MAX_WBITS), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("deflate", Deflate(kText, -MAX_WBITS), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("zstd", Zstd(), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("br", Brotli(), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("gzip", Gzip("a") + Gzip("b"), kPlenty), "ab");
}

TEST(EncodingTest, OneOnTopOfAnotherIsUndone) {
  EXPECT_EQ(*DecodeBody("deflate, gzip", Gzip(Deflate(kText, MAX_WBITS)), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("identity, gzip", Gzip(kText), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("gzip,gzip", Gzip(Gzip(kText)), kPlenty), kText);
  EXPECT_TRUE(absl::IsResourceExhausted(
      DecodeBody("gzip, gzip", Gzip(Gzip(std::string(4 * kPlenty, ' '))), kPlenty).status()));
}

TEST(EncodingTest, PaddingBehindItMeansNothing) {
  EXPECT_EQ(*DecodeBody("gzip", Gzip(kText) + std::string(5, '\0'), kPlenty), kText);
  EXPECT_EQ(*DecodeBody("gzip", Gzip(kText) + "\r\n", kPlenty), kText);
}

TEST(EncodingTest, PiecesOfAnySizeGiveTheSame) {
  const std::pair<const char*, std::string> bodies[] = {
      {"gzip", Gzip(kText)}, {"zstd", Zstd()}, {"br", Brotli()}};
  for (const auto& [encoding, body] : bodies) {
    const auto decoder = Decoder::Create(encoding);
    std::string out;
    for (const char c : body) {
      ASSERT_TRUE(decoder->Feed(absl::string_view(&c, 1), kPlenty, &out).ok()) << encoding;
    }
    EXPECT_EQ(out, kText) << encoding;
  }
}

TEST(EncodingTest, BrokenBytesAreAnError) {
  for (const char* encoding : {"gzip", "zstd", "br"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(DecodeBody(encoding, "\xFF\xFEno", kPlenty).status()))
        << encoding;
  }
}

TEST(EncodingTest, UnknownOnesAreNotTried) {
  EXPECT_EQ(Decoder::Create("compress"), nullptr);
  EXPECT_EQ(Decoder::Create("gzip, compress"), nullptr);
  EXPECT_EQ(Decoder::Create("gzip, gzip, gzip, gzip"), nullptr);
  EXPECT_TRUE(absl::IsUnimplemented(DecodeBody("", kText, kPlenty).status()));
  EXPECT_FALSE(IsEncoded(" Identity "));
}

TEST(EncodingTest, BombEndsAtTheBound) {
  const std::string bomb = Gzip(std::string(4 * kPlenty, ' '));
  EXPECT_LT(bomb.size(), 8192u);
  EXPECT_TRUE(absl::IsResourceExhausted(DecodeBody("gzip", bomb, kPlenty).status()));
  std::string out;
  EXPECT_FALSE(Decoder::Create("gzip")->Feed(bomb, kPlenty, &out).ok());
  EXPECT_LE(out.size(), kPlenty);
}

TEST(EncodingTest, CompressedRequestIsInspected) {
  const Endpoint endpoint = FindEndpoint("POST", "/api/v1/responses");
  const Inspection told =
      InspectRequest(endpoint, FakeHeaders{{"content-encoding", "zstd"}}, Zstd());
  EXPECT_EQ(told.model, "glm-5.3");
  EXPECT_EQ(told.kind, Kind::kPrompt);
  EXPECT_FALSE(told.oversized);
  // One tool leaves the header out.
  EXPECT_EQ(InspectRequest(endpoint, NoHeaders, Zstd()).model, "glm-5.3");
  EXPECT_EQ(InspectRequest(endpoint, NoHeaders, Gzip(kText)).model, "glm-5.3");
}

TEST(EncodingTest, CompressedRequestThatCannotBeReadIsACallOfAnUnknownModel) {
  const Inspection inspection =
      InspectRequest(FindEndpoint("POST", "/api/v1/responses"),
                     FakeHeaders{{"content-encoding", "zstd"}}, Zstd().substr(0, 12));
  EXPECT_TRUE(inspection.needs_slot);
  EXPECT_EQ(inspection.kind, Kind::kCall);
  EXPECT_EQ(inspection.model, "");
  EXPECT_FALSE(inspection.oversized);
}

TEST(EncodingTest, RequestThatIsABombIsSeen) {
  const std::string bomb = Gzip(std::string(kDecodedBytesMax + 1, ' '));
  EXPECT_TRUE(InspectRequest(FindEndpoint("POST", "/v1/messages"),
                             FakeHeaders{{"content-encoding", "gzip"}}, bomb)
                  .oversized);
}

}  // namespace
}  // namespace zbroker::zai
