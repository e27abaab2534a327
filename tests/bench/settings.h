// How a run of the benchmark was asked for.
#ifndef ZBROKER_TESTS_BENCH_SETTINGS_H_
#define ZBROKER_TESTS_BENCH_SETTINGS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::bench {

struct Settings {
  std::string executable;    // this program, which is also the echo server and the holders
  std::string bin_dir;       // where zbrokerd, zlease and zctl are
  std::string directory;     // for sockets, ledgers and logs; removed at the end
  int rounds = 20;           // every case scales what it repeats with this
  int64_t rows = 1'000'000;  // of the large ledger

  std::string Binary(const std::string& name) const { return absl::StrCat(bin_dir, "/", name); }
  std::string Path(const std::string& name) const { return absl::StrCat(directory, "/", name); }
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_SETTINGS_H_
