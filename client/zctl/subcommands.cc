#include "client/zctl/subcommands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "absl/strings/str_cat.h"
#include "client/zctl/arguments.h"

namespace zbroker::zctl {

CLI::Option* AddRead(CLI::App* app, const std::string& name, Reader read,
                     const std::string& description) {
  return app
      ->add_option_function<std::string>(
          name, [](const std::string&) {}, description)
      ->check([read = std::move(read)](const std::string& text) {
        return std::string(read(text).message());
      });
}

CLI::Option* AddName(CLI::App* app, const std::string& name, std::string* value,
                     const std::string& description) {
  return AddRead(
             app, name, [value](const auto& text) { return ReadName(text, value); }, description)
      ->type_name("NAME");
}

CLI::Option* AddAccount(CLI::App* app, std::string* account, const std::string& description) {
  return AddName(app, "--account", account, description);
}

CLI::Option* AddJson(CLI::App* app, bool* json) {
  return app->add_flag("--json", *json, "Print the reply as JSON");
}

CLI::App* Subcommands::Add(CLI::App* parent, const Texts& texts, std::function<void()> callback) {
  CLI::App* const sub = parent->add_subcommand(texts.name, texts.description);
  sub->footer(absl::StrCat("Examples:\n", texts.examples));
  if (callback) sub->callback(std::move(callback));
  return sub;
}

}  // namespace zbroker::zctl
