#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_JSON_READER_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_JSON_READER_H_

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::testing {

// Parses a document nested at most 256 deep. Errors: INVALID_ARGUMENT.
absl::StatusOr<boost::json::value> ParseJson(absl::string_view text);

// Reads the members of an object by name, each once. A member that is absent leaves its output as
// it was. The first mistake is kept; what is read after it has no effect.
class JsonReader {
 public:
  // `where` begins every error message. `object` must outlive the reader.
  JsonReader(const boost::json::object& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  void ReadInt(const char* name, int64_t min, int64_t max, int64_t* out);
  void ReadNumber(const char* name, double min, double max, double* out);
  // From a number of milliseconds, 0 to an hour.
  void ReadMillis(const char* name, absl::Duration* out);
  void ReadBool(const char* name, bool* out);
  void ReadText(const char* name, std::string* out);
  // The member as it is; nullptr when it is absent.
  const boost::json::value* Read(const char* name);

  // Records a mistake found by the caller in the member `name`.
  void Fail(const char* name, absl::string_view expected);
  // INVALID_ARGUMENT for the first mistake, if any.
  const absl::Status& mistake() const { return status_; }
  // The same, and also for a member that nobody has asked for.
  absl::Status Finish() const;

 private:
  const boost::json::object& object_;
  const std::string where_;
  std::vector<std::string> asked_for_;
  absl::Status status_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_JSON_READER_H_
