#ifndef ZBROKER_TESTS_TESTING_TEMP_DIR_H_
#define ZBROKER_TESTS_TESTING_TEMP_DIR_H_

#include <string>

namespace zbroker::testing {

// A directory of its own (mode 0700), removed with its content at the end. Its path is short, so
// that a socket fits.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void WriteFile(const std::string& path, const std::string& content);
// Empty when there is none.
std::string ReadFile(const std::string& path);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_TEMP_DIR_H_
