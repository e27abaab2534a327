// Tools whose settings live in an editor's own store: what a person does there.
#ifndef ZBROKER_SHIMS_SETUP_EDITORS_H_
#define ZBROKER_SHIMS_SETUP_EDITORS_H_

#include <optional>
#include <string>

namespace zbroker::setup {

struct Instructions {
  std::string words;
  // A file that the extension imports; empty: it takes none.
  std::string import_name;
  std::string import_content;
};

// Of "roo" and "cursor"; empty for others.
// `url`: of the gateway, for OpenAI clients.
std::optional<Instructions> InstructionsFor(const std::string& name, const std::string& url);

bool IsEditor(const std::string& name);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_EDITORS_H_
