// The names of toml++ that our headers need. Sources that look inside use toml_library.h.
#ifndef ZBROKER_CLIENT_CONFIG_TOML_FWD_H_
#define ZBROKER_CLIENT_CONFIG_TOML_FWD_H_

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

#endif  // ZBROKER_CLIENT_CONFIG_TOML_FWD_H_
