// What a configuration is to say.
#ifndef ZBROKER_SHIMS_INIT_CHOICES_H_
#define ZBROKER_SHIMS_INIT_CHOICES_H_

#include <optional>
#include <string>
#include <vector>

namespace zbroker::init {

struct Choices {
  std::string account = "default";
  // Empty: not known, or not to be said. The purchase is as TOML has it: 2026-08-20.
  std::optional<std::string> plan;
  std::optional<std::string> generation;
  std::optional<std::string> purchased;
  std::optional<std::string> upstream;  // a base URL
  bool meter = false;                   // gateways ask the provider's meter

  std::vector<std::string> tools = {};    // to be set up, by the names that `zctl setup` has
  std::vector<std::string> remarks = {};  // for the person to hear
};

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_CHOICES_H_
