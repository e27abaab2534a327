// `zbrokerd --check`: what keeps a daemon from serving, looked for without being one.
#ifndef ZBROKER_DAEMON_CHECK_H_
#define ZBROKER_DAEMON_CHECK_H_

#include <ostream>
#include <string>

namespace zbroker {

// Looks at the configuration file, which may be empty for none, and at the ledger of the state
// directory, and writes a line for each thing that it finds, at once:
//
//   configuration: sound | MISTAKE      the mistake that stands first in it
//   configuration unread: WHY           the rights to it, for example
//   clock step: SECONDS                 the wall clock was set by so much since this boot began
//   clock behind: SECONDS               the ledger has a lease so far in the future
//   ledger: sound | none | DAMAGE
//   ledger unread: WHY
//
// The last line is about the whole ledger, which may take minutes to read. True: nothing is wrong.
// Changes nothing, and holds no daemon up: see ledger/inspect.h.
bool Check(const std::string& config_file, const std::string& state_directory, std::ostream& out);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_CHECK_H_
