// What administrators have paused, as text.
#ifndef ZBROKER_CLIENT_ZCTL_PAUSE_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_PAUSE_VIEW_H_

#include <string>

#include "absl/time/time.h"
#include "client/zctl/commands.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// "--priority background --session 'nightly run'": what to say to `zctl resume`.
std::string PartArguments(const v1::Part& part);

// What a pause has done, and what ends it.
std::string RenderPaused(const PauseCommand& command, const v1::PauseReply& reply, absl::Time now,
                         const ViewOptions& options);

// What a resume has done, and what it left.
std::string RenderResumed(const ResumeCommand& command, const v1::ResumeReply& reply,
                          absl::Time now, const ViewOptions& options);

// The parts of the account's work that are paused, a paragraph each.
std::string RenderPauses(const v1::AccountStatus& account, absl::Time now,
                         const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_PAUSE_VIEW_H_
