// How the subcommands of zctl are declared, each with its options. Internal to this folder.
#ifndef ZBROKER_CLIENT_ZCTL_SUBCOMMANDS_H_
#define ZBROKER_CLIENT_ZCTL_SUBCOMMANDS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "client/zctl/commands.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zbroker::zctl {

// Takes an argument's text or says what is wrong with it.
using Reader = std::function<absl::Status(const std::string& text)>;
CLI::Option* AddRead(CLI::App* app, const std::string& name, Reader read,
                     const std::string& description);

// An option that selects by a name, which must not be empty: scripts name variables that are not
// set, and what leaves the selection out would take all.
CLI::Option* AddName(CLI::App* app, const std::string& name, std::string* value,
                     const std::string& description);
CLI::Option* AddAccount(CLI::App* app, std::string* account, const std::string& description);
CLI::Option* AddJson(CLI::App* app, bool* json);

class Subcommands {
 public:
  struct Texts {
    const char* name;
    const char* description;
    const char* examples;
  };

  // REQUIRES: `app` outlives this.
  explicit Subcommands(CLI::App* app) : app_(app) {}

  // A subcommand whose options fill `*command`, which becomes the answer if it is chosen.
  template <typename Chosen>
  CLI::App* Add(const Texts& texts, std::shared_ptr<Chosen> command) {
    return Add(app_, texts, [this, command = std::move(command)] { Choose(*command); });
  }
  // One of a subcommand.
  static CLI::App* Add(CLI::App* parent, const Texts& texts, std::function<void()> callback);

  void Choose(Command command) { chosen_ = std::move(command); }
  // REQUIRES: the command line was parsed.
  const Command& chosen() const { return *chosen_; }

 private:
  CLI::App* const app_;
  std::optional<Command> chosen_;
};

void DeclareQuestions(Subcommands& subcommands);
void DeclareOrders(Subcommands& subcommands);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_SUBCOMMANDS_H_
