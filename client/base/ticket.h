// Names of Acquires.
#ifndef ZBROKER_CLIENT_BASE_TICKET_H_
#define ZBROKER_CLIENT_BASE_TICKET_H_

#include <string>

namespace zbroker {

// 128 random bits in hexadecimal: nobody has had it, or guesses it.
std::string NewTicket();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_TICKET_H_
