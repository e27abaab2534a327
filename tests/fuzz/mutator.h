// Changes inputs as a fuzzer would, repeatably.
#ifndef ZBROKER_TESTS_FUZZ_MUTATOR_H_
#define ZBROKER_TESTS_FUZZ_MUTATOR_H_

#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::fuzz {

// The same seed and corpus give the same inputs. Not thread-safe.
class Mutator {
 public:
  // `corpus` is not empty.
  Mutator(uint32_t seed, std::vector<std::string> corpus);

  // An entry of the corpus with one to eight changes.
  std::string Next();

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  const std::string& Entry() { return corpus_[Below(corpus_.size())]; }
  void Change(std::string* input);

  std::mt19937 random_;
  const std::vector<std::string> corpus_;
};

}  // namespace zbroker::fuzz

#endif  // ZBROKER_TESTS_FUZZ_MUTATOR_H_
