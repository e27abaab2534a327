// The keys that a file sets, whatever they mean: what is in force can then be said with its place.
#ifndef ZBROKER_CLIENT_CONFIG_GIVEN_H_
#define ZBROKER_CLIENT_CONFIG_GIVEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/config/document.h"

namespace zbroker::config {

struct GivenKey {
  // Dotted, with the number of an array's table from 0: "account.default.window[0].limit".
  std::string path;
  std::string value;  // as TOML, on one line
  uint32_t line = 0;
};

// Every key of the document that has a value rather than a table, in the order of the file.
std::vector<GivenKey> KeysGiven(const Document& document);

// A string as TOML has it, in double quotes.
std::string TomlString(absl::string_view text);

// A key, in quotes where it has to be.
std::string TomlKey(absl::string_view key);

// `path` and a key in it.
std::string Dotted(absl::string_view path, absl::string_view key);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_GIVEN_H_
