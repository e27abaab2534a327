// The text of a configuration.
#ifndef ZBROKER_SHIMS_INIT_CONFIG_TEXT_H_
#define ZBROKER_SHIMS_INIT_CONFIG_TEXT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/init/choices.h"

namespace zbroker::init {

// What a configuration that is there says, as Choices has it, of `account` or, if that is empty, of
// its default account. Errors: INVALID_ARGUMENT "LINE: …" for what is not TOML, and when it can't
// be told which account is the default.
absl::StatusOr<Choices> ReadChoices(absl::string_view text, const std::string& account);

// A new one, with comments. `example`: where the file is that has all keys; empty: nowhere.
std::string NewConfig(const Choices& choices, const std::string& example);

// The one that is there, with what the choices say. Every other byte stays. Errors:
// FAILED_PRECONDITION for what can't be changed in place, as in an inline table; those of
// ReadChoices.
absl::StatusOr<std::string> ChangedConfig(absl::string_view before, const Choices& choices);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_CONFIG_TEXT_H_
