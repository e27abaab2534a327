// Turns the pages of a ledger query into an answer piece by piece, so that memory does not grow
// with the ledger.
#ifndef ZBROKER_CLIENT_ZCTL_LEDGER_WRITER_H_
#define ZBROKER_CLIENT_ZCTL_LEDGER_WRITER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/zctl/message_json.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

class LedgerWriter {
 public:
  virtual ~LedgerWriter() = default;
  // What can be printed after this page; may be empty.
  virtual std::string Add(const v1::LedgerPage& page) = 0;
  // The end of the answer. A query that fails has none: half a JSON object is better noticed.
  virtual std::string Finish() = 0;
};

// In all of them `by` says whether the pages have rows (GROUP_BY_UNSPECIFIED) or groups.

// RFC 4180 with a header. Columns are named as in the .proto; instants are RFC 3339 in UTC, lengths
// are seconds.
std::unique_ptr<LedgerWriter> MakeLedgerCsv(v1::GroupBy by);

// One object: LedgerRows or LedgerGroups of output.proto.
std::unique_ptr<LedgerWriter> MakeLedgerJson(v1::GroupBy by, JsonStyle style);

struct LedgerTableOptions {
  ViewOptions view;
  absl::Time now;
  // Show only the latest so many of the rows that come, and say so if there were more; 0: show all.
  size_t rows_max = 0;
};

// For people. Groups have the largest charge first, hours are in order. A very long answer comes in
// blocks, each aligned for itself under its own titles.
std::unique_ptr<LedgerWriter> MakeLedgerTable(v1::GroupBy by, const LedgerTableOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_LEDGER_WRITER_H_
