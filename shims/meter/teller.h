// What there is to say of rounds that follow each other: what is new. Pure.
#ifndef ZBROKER_SHIMS_METER_TELLER_H_
#define ZBROKER_SHIMS_METER_TELLER_H_

#include <string>
#include <vector>

#include "shims/meter/reader.h"

namespace zbroker::meter {

class Teller {
 public:
  // `quiet`: only of what is wrong.
  explicit Teller(bool quiet) : quiet_(quiet) {}

  struct Line {
    bool is_warning = false;
    std::string text;
  };
  // The first reading, and each after a trouble or that lifts a wall; troubles and advice when they
  // change. `advice`: of a reading; may be empty.
  std::vector<Line> Tell(const Reader::Round& round, const std::string& advice);

 private:
  const bool quiet_;
  bool told_ = false;
  std::string trouble_;
  std::string advice_;
};

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_TELLER_H_
