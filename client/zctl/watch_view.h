// The ways in which `zctl status --watch` shows what it sees.
#ifndef ZBROKER_CLIENT_ZCTL_WATCH_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_WATCH_VIEW_H_

#include <memory>

#include "client/zctl/commands.h"
#include "client/zctl/console.h"
#include "client/zctl/redrawing_view.h"
#include "client/zctl/watch.h"

namespace zbroker::zctl {

// On a terminal each status is drawn over the one before, and if that is also where somebody types,
// there are keys: see RedrawingView. Elsewhere they follow each other. As JSON every status is one
// line. The console must outlive the view.
std::unique_ptr<WatchView> MakeWatchView(Console& console, const StatusCommand& command,
                                         CarryOutOrder carry_out);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WATCH_VIEW_H_
