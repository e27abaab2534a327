// Headers for the functions under test.
#ifndef ZBROKER_TESTS_UNIT_ZAI_HEADERS_H_
#define ZBROKER_TESTS_UNIT_ZAI_HEADERS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

class FakeHeaders {
 public:
  FakeHeaders(std::initializer_list<std::pair<const std::string, std::string>> values)
      : values_(values) {}

  absl::string_view operator()(absl::string_view name) const {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? absl::string_view() : found->second;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace zbroker::zai

#endif  // ZBROKER_TESTS_UNIT_ZAI_HEADERS_H_
