#include "tests/integration/gateway/case_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace zbroker::testing {
namespace {

constexpr absl::string_view kHeadEnd = "\r\n\r\n";

// The lines of a message's head but for those of the fields, with the line's end each.
std::string HeadWithout(absl::string_view message, absl::string_view field,
                        absl::string_view other_field) {
  std::string head;
  for (const absl::string_view line :
       absl::StrSplit(message.substr(0, message.find(kHeadEnd)), "\r\n")) {
    const bool dropped =
        absl::StartsWithIgnoreCase(line, field) || absl::StartsWithIgnoreCase(line, other_field);
    if (!dropped) absl::StrAppend(&head, line, "\r\n");
  }
  return head;
}

}  // namespace

std::string ReadCase(const std::string& file) {
  std::ifstream in(absl::StrCat(ZBROKER_CASES, "/", file), std::ios::binary);
  EXPECT_TRUE(in.good()) << file;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string BodyOf(absl::string_view message) {
  return std::string(message.substr(message.find(kHeadEnd) + kHeadEnd.size()));
}

std::string WithoutChunks(const std::string& body) {
  const size_t line = body.find("\r\n");
  size_t size = 0;
  if (line == body.npos || !absl::EndsWith(body, "\r\n0\r\n\r\n") ||
      !absl::SimpleHexAtoi(body.substr(0, line), &size)) {
    return body;
  }
  return body.substr(line + 2, size);
}

std::string Gzip(absl::string_view bytes) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string WithoutType(const std::string& message) {
  return absl::StrCat(HeadWithout(message, "content-type:", "content-type:"), "\r\n",
                      BodyOf(message));
}

std::string Compressed(const std::string& message) {
  const std::string body = Gzip(WithoutChunks(BodyOf(message)));
  return absl::StrCat(HeadWithout(message, "content-length:", "transfer-encoding:"),
                      "Content-Encoding: gzip\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

}  // namespace zbroker::testing
