// Slot limits as text and as JSON.
#ifndef ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_

#include <string>

#include "client/zctl/view_options.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::zctl {

// For each account: its limit, who decided it, and how much of it is in use; what was learned for
// which hours, when and why; when more is tried; and what else bounds it. "Now" is the status's
// own.
std::string RenderLimits(const v1::Status& status, const ViewOptions& options);

// Of the status what limits are about, under the same keys: the accounts' names and slots.
v1::LimitList LimitsOf(const v1::Status& status);

// What has become of an account's limit.
std::string RenderLimitChange(const v1::AccountStatus& before, const v1::AccountStatus& after);

// What a limit would be, by a dry run's reply, and what would come of it.
v1::LimitPreview PreviewOf(const v1::AccountStatus& before, const v1::SetLimitReply& reply);
std::string RenderLimitPreview(const v1::LimitPreview& preview);

// What a model's limit is now.
std::string RenderModelLimitChange(const v1::AccountStatus& after, const std::string& model);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_LIMIT_VIEW_H_
