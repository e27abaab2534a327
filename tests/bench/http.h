// A blocking HTTP/1.1 client on loopback, that keeps its connection.
#ifndef ZBROKER_TESTS_BENCH_HTTP_H_
#define ZBROKER_TESTS_BENCH_HTTP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::bench {

// "http://127.0.0.1:8787/TOKEN"
struct HttpUrl {
  uint16_t port = 0;
  std::string path;

  static absl::StatusOr<HttpUrl> Parse(absl::string_view url);
};

// Not thread-safe.
class HttpConnection {
 public:
  static absl::StatusOr<std::unique_ptr<HttpConnection>> Connect(uint16_t port);
  ~HttpConnection();

  absl::Status Post(const std::string& path, const std::string& body);
  // Reads the answer to the first Post that has none. ABORTED when its status is not 200.
  absl::Status ReadAnswer();
  // The same, giving pieces of the body as they come.
  absl::Status ReadAnswer(const std::function<void(absl::string_view)>& on_bytes);

 private:
  struct Impl;
  explicit HttpConnection(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

// A port of loopback that nobody listened on a moment ago.
uint16_t FreePort();

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_HTTP_H_
