// What each target starts from: the shapes that the upstream and its clients are known to use,
// and the cases of the field.
#ifndef ZBROKER_TESTS_FUZZ_CORPUS_H_
#define ZBROKER_TESTS_FUZZ_CORPUS_H_

#include <string>
#include <vector>

namespace zbroker::fuzz {

std::vector<std::string> InspectCorpus();
std::vector<std::string> ClassifyCorpus();
std::vector<std::string> StreamCorpus();
std::vector<std::string> DecodeCorpus();
std::vector<std::string> ResetTimeCorpus();
std::vector<std::string> MeterCorpus();
std::vector<std::string> McpCorpus();

}  // namespace zbroker::fuzz

#endif  // ZBROKER_TESTS_FUZZ_CORPUS_H_
