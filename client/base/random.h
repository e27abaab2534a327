// What nobody has had before, or guesses: names of Acquires, tokens.
#ifndef ZBROKER_CLIENT_BASE_RANDOM_H_
#define ZBROKER_CLIENT_BASE_RANDOM_H_

#include <string>

namespace zbroker {

// 128 bits of the kernel's randomness, in hexadecimal.
std::string RandomHex();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_RANDOM_H_
