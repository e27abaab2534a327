// A target as a program of libFuzzer's.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string mistake = zbroker::fuzz::ZBROKER_FUZZ_TARGET(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!mistake.empty()) {
    std::fprintf(stderr, "what did not hold: %s\n", mistake.c_str());
    std::abort();
  }
  return 0;
}
