#include "tests/testing/upstream/request_log.h"

#include <algorithm>
#include <boost/json.hpp>

#include "client/base/text.h"

namespace zbroker::testing {
namespace {

namespace json = boost::json;

std::string Printable(const std::string& text) {
  return IsValidUtf8(text) ? text : EscapeControls(text);
}

// Shortens without cutting a UTF-8 sequence in two.
void TruncateText(std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
}

json::object ToJson(const ReceivedRequest& request) {
  json::array headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back(json::array{Printable(name), Printable(value)});
  }
  return json::object{
      {"method", Printable(request.method)}, {"target", Printable(request.target)},
      {"headers", std::move(headers)},       {"body_bytes", request.body_bytes},
      {"body", Printable(request.body)},
  };
}

}  // namespace

void RequestLog::Add(ReceivedRequest request, size_t keep) {
  TruncateText(request.body, kKeptBodyBytesMax);
  request.body.shrink_to_fit();
  requests_.push_back(std::move(request));
  while (requests_.size() > keep) requests_.pop_front();
}

json::array RequestLog::Last(size_t count) const {
  json::array list;
  const size_t first = requests_.size() - std::min(count, requests_.size());
  for (size_t i = first; i < requests_.size(); ++i) list.push_back(ToJson(requests_[i]));
  return list;
}

}  // namespace zbroker::testing
