// Whether JSON is as a JSON Schema says, more strictly than schemas are: what it does not name is a
// fault as well.
#ifndef ZBROKER_TESTS_TESTING_SCHEMA_CHECK_H_
#define ZBROKER_TESTS_TESTING_SCHEMA_CHECK_H_

#include <google/protobuf/struct.pb.h>

#include <string>
#include <vector>

namespace zbroker::testing {

class SchemaCheck {
 public:
  // Of the keywords those are known that ours use; any other is a fault of whatever it is about.
  explicit SchemaCheck(const std::string& file);

  // What is wrong with `json` as an instance of `definitions`/`name`, or of the whole schema if the
  // name is empty; each with its place. Empty: nothing.
  std::vector<std::string> FaultsOf(const std::string& json, const std::string& name = "");

 private:
  using Schema = google::protobuf::Struct;
  using Value = google::protobuf::Value;

  void Check(const Value& value, const Schema& schema, const std::string& place);
  void CheckKeyword(const Value& value, const Schema& schema, const std::string& keyword,
                    const Value& wanted, const std::string& place);
  void CheckMembers(const Value& value, const Schema& schema, const std::string& place);
  bool Fits(const Value& value, const Schema& schema, const std::string& place);
  void Fault(const std::string& place, const std::string& words);

  Schema root_;
  std::vector<std::string> faults_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_SCHEMA_CHECK_H_
