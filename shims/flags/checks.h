// What an option's value must be, as CLI11 asks for it: a text says what is wrong, an empty one
// that nothing is.
#ifndef ZBROKER_SHIMS_FLAGS_CHECKS_H_
#define ZBROKER_SHIMS_FLAGS_CHECKS_H_

#include <functional>
#include <string>

namespace zbroker::flags {

using Check = std::function<std::string(const std::string&)>;

// A length of time, such as "30s".
std::string CheckDuration(const std::string& text);

// An instant that is ahead, such as "18:00".
std::string CheckInstant(const std::string& text);

// A name that the daemon takes, and not an empty one; `option` is named if it is not.
Check CheckNameOf(const std::string& option);

}  // namespace zbroker::flags

#endif  // ZBROKER_SHIMS_FLAGS_CHECKS_H_
