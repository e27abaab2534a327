// Events as text.
#ifndef ZBROKER_CLIENT_ZCTL_EVENT_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_EVENT_VIEW_H_

#include <string>

#include "absl/time/time.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/events.pb.h"

namespace zbroker::zctl {

// A line, or as many as its words need.
std::string RenderEvent(const v1::Event& event, absl::Time now, const ViewOptions& options);
std::string RenderEvents(const v1::EventPage& events, absl::Time now, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_EVENT_VIEW_H_
