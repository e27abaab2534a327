// Explanations as text.
#ifndef ZBROKER_CLIENT_ZCTL_EXPLAIN_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_EXPLAIN_VIEW_H_

#include <string>

#include "client/zctl/view_options.h"
#include "zbroker/v1/explain.pb.h"

namespace zbroker::zctl {

// First the answer in a sentence, then every gate, then who goes before.
std::string RenderExplanation(const v1::Explanation& explanation, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_EXPLAIN_VIEW_H_
