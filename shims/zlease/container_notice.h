// What a person hears in a container whose programs would be coordinated among themselves alone.
#ifndef ZBROKER_SHIMS_ZLEASE_CONTAINER_NOTICE_H_
#define ZBROKER_SHIMS_ZLEASE_CONTAINER_NOTICE_H_

namespace zbroker::zlease {

// To be called before the daemon is looked for. Says so, if one will be started in here because
// none is reached: whether others outside use the account can't be known from inside. Silent where
// ZBROKER_STATE_DIR or ZBROKER_SOCKET says that somebody has decided where the daemon belongs.
void SayIfAloneInContainer();

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_CONTAINER_NOTICE_H_
