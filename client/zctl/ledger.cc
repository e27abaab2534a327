#include <memory>

#include "client/base/clock.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/ledger_writer.h"
#include "google/protobuf/util/time_util.h"

namespace zbroker::zctl {
namespace {

// A screenful or two. Programs want all rows unless they say otherwise.
constexpr uint32_t kTableRows = 50;

bool IsCut(const LedgerCommand& command) {
  return command.format == LedgerFormat::kTable && command.by == v1::GROUP_BY_UNSPECIFIED &&
         !command.limit;
}

v1::QueryLedgerRequest MakeRequest(const LedgerCommand& command, absl::Time now) {
  v1::QueryLedgerRequest request;
  request.set_account(command.account);
  request.set_session(command.session);
  request.set_model(command.model);
  request.set_outcome(command.outcome);
  request.set_group_by(command.by);
  if (command.since) {
    *request.mutable_since() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        absl::ToUnixMicros(now - *command.since));
  }
  // One more than is shown tells whether there are more.
  request.set_limit(IsCut(command) ? kTableRows + 1 : command.limit.value_or(0));
  return request;
}

std::unique_ptr<LedgerWriter> MakeWriter(const LedgerCommand& command, absl::Time now,
                                         const ViewOptions& view) {
  switch (command.format) {
    case LedgerFormat::kCsv:
      return MakeLedgerCsv(command.by);
    case LedgerFormat::kJson:
      return MakeLedgerJson(command.by,
                            view.indent_json ? JsonStyle::kIndented : JsonStyle::kOneLine);
    case LedgerFormat::kTable:
      break;
  }
  return MakeLedgerTable(command.by,
                         {.view = view, .now = now, .rows_max = IsCut(command) ? kTableRows : 0});
}

}  // namespace

absl::Status Run(const LedgerCommand& command, Console& console) {
  const absl::Time now = Clock::System().Read().wall;
  const std::unique_ptr<LedgerWriter> writer = MakeWriter(command, now, console.view());
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  absl::Status printed;
  ZB_RETURN_IF_ERROR(
      client->QueryLedger(MakeRequest(command, now), [&](const v1::LedgerPage& page) {
        printed = console.Print(writer->Add(page));
        return printed.ok();
      }));
  ZB_RETURN_IF_ERROR(printed);
  return console.Print(writer->Finish());
}

}  // namespace zbroker::zctl
