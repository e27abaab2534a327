// The file that standard error goes to when a client has started the daemon.
#ifndef ZBROKER_DAEMON_LOG_FILE_H_
#define ZBROKER_DAEMON_LOG_FILE_H_

#include <string>

namespace zbroker {

// Moves the log aside, to `path`.old, and goes on in a new one, when standard error writes to this
// very file and it has grown beyond kLogFileBytesMax. Does nothing else.
void KeepLogShort(const std::string& path);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_LOG_FILE_H_
