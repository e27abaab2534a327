#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_REQUEST_LOG_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_REQUEST_LOG_H_

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace zbroker::testing {

inline constexpr size_t kKeptBodyBytesMax = 64 * 1024;

// A request as it came.
struct ReceivedRequest {
  std::string method;
  std::string target;
  // In the order of arrival, but for repeated ones, which stand together. Names keep their case.
  std::vector<std::pair<std::string, std::string>> headers;
  size_t body_bytes = 0;
  std::string body;  // at most kKeptBodyBytesMax of it
};

// The last requests, for tests to look at. Not thread-safe.
class RequestLog {
 public:
  // Keeps at most `keep` requests, this one included.
  void Add(ReceivedRequest request, size_t keep);
  void Clear() { requests_.clear(); }

  // The last `count` or fewer, oldest first, as objects with the members' names. Headers are
  // [name, value] pairs. Text that is not UTF-8 has control characters and stray bytes as \xNN.
  boost::json::array Last(size_t count) const;

 private:
  std::deque<ReceivedRequest> requests_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_REQUEST_LOG_H_
