// `zctl __complete PROGRAM WORD…`, which the shells' scripts call at each press of the tab key.
#ifndef ZBROKER_CLIENT_ZCTL_COMPLETE_H_
#define ZBROKER_CLIENT_ZCTL_COMPLETE_H_

namespace zbroker::zctl {

// Prints what can stand in the place of the last word, if the first argument asks for it, and
// returns an exit code; else -1. Says nothing on standard error, starts no daemon, and takes about
// a second at most.
int RunComplete(int argc, char** argv);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_COMPLETE_H_
