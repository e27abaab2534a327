// The tools that are found, and how each is wired now.
#ifndef ZBROKER_SHIMS_SETUP_LIST_H_
#define ZBROKER_SHIMS_SETUP_LIST_H_

#include <string>

#include "shims/tools/surroundings.h"
#include "shims/tools/tool.h"

namespace zbroker::setup {

// What set-up calls the tool.
// As a person reads it: "continue (cn)", where the program is called otherwise.
std::string ShownName(const std::string& set_up_name);

std::string SetUpName(const tools::Tool& tool);

// A tool by that or by the name of its command; null if there is none.
const tools::Tool* FindToSetUp(const std::string& name);

// As text or as JSON: {"tools":[{"name","path","version","file","routes":[{"what","url","place",
// "gateway"}]}]}, in which "gateway" says whether the requests go through one of ours. Tokens of
// gateways are left out.
std::string ListTools(const tools::Surroundings& surroundings, bool json);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_LIST_H_
