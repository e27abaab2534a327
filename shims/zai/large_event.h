// What an event says that is too large to be read.
#ifndef ZBROKER_SHIMS_ZAI_LARGE_EVENT_H_
#define ZBROKER_SHIMS_ZAI_LARGE_EVENT_H_

#include <string>

#include "shims/zai/sse.h"

namespace zbroker::zai {

// A small JSON event that says the same as far as its name, the first members of its data, and the
// last bytes of it tell: its type, its error, and the usage. The end of a response, which repeats
// all of it, is known so for what it is. Never fails: what is not found is left out.
// REQUIRES: event.oversized
std::string Summarise(const Event& event);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_LARGE_EVENT_H_
