#include "shims/setup/list.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/zctl/message_json.h"
#include "shims/setup/diff.h"
#include "shims/setup/installed.h"
#include "shims/tools/known_gateway.h"
#include "zbroker/v1/output.pb.h"

namespace zbroker::setup {
namespace {

// Through one of ours, through one that is not there any more, or past all of them.
std::string Wiring(const tools::Route& route, const tools::Surroundings& surroundings) {
  const std::string url = MaskSecrets(route.url);
  if (tools::IsKnownGateway(route.url, surroundings.state_directory(), surroundings)) {
    return absl::StrCat("through the gateway, ", url);
  }
  if (tools::BehindToken(route.url)) {
    return absl::StrCat("to a gateway whose token is not ours, ", url);
  }
  return absl::StrCat("past zbroker, to ", url);
}

std::string DescribeTool(const tools::Tool& tool, const tools::Surroundings& surroundings) {
  const Installed installed = FindInstalled(tool);
  const tools::Look look = tool.look(surroundings);
  const bool is_there = !installed.path.empty() || !look.routes.empty();
  std::string text = absl::StrCat(SetUpName(tool));
  text.resize(std::max<size_t>(text.size() + 1, 10), ' ');
  if (!is_there) return absl::StrCat(text, "not found\n");
  absl::StrAppend(&text, installed.path.empty() ? "no program in PATH" : installed.path, " ",
                  installed.version.empty() ? "(version unknown)" : installed.version, "\n");
  if (look.routes.empty()) {
    absl::StrAppend(&text, "    past zbroker: no base URL in ", EscapeControls(look.file), "\n");
  }
  for (const tools::Route& route : look.routes) {
    absl::StrAppend(&text, "    ",
                    route.what.empty() ? "" : absl::StrCat(EscapeControls(route.what), ": "),
                    Wiring(route, surroundings), " (",
                    route.place.empty() ? "built in" : EscapeControls(route.place), ")\n");
  }
  for (const std::string& remark : look.remarks) absl::StrAppend(&text, "    ", remark, "\n");
  return text;
}

v1::ToolWiring WiringOf(const tools::Tool& tool, const tools::Surroundings& surroundings) {
  const Installed installed = FindInstalled(tool);
  const tools::Look look = tool.look(surroundings);
  v1::ToolWiring wiring;
  wiring.set_name(SetUpName(tool));
  wiring.set_path(EscapeControls(installed.path));
  wiring.set_version(installed.version);
  wiring.set_file(EscapeControls(look.file));
  for (const tools::Route& one : look.routes) {
    v1::ToolRoute& route = *wiring.add_routes();
    route.set_what(EscapeControls(one.what));
    route.set_url(MaskSecrets(one.url));
    route.set_place(EscapeControls(one.place));
    route.set_gateway(tools::IsKnownGateway(one.url, surroundings.state_directory(), surroundings));
  }
  return wiring;
}

}  // namespace

std::string SetUpName(const tools::Tool& tool) {
  return std::string(tool.set_up_name.empty() ? tool.name : tool.set_up_name);
}

std::string ShownName(const std::string& set_up_name) {
  const tools::Tool* const tool = FindToSetUp(set_up_name);
  if (tool == nullptr || tool->name == set_up_name) return set_up_name;
  return absl::StrCat(set_up_name, " (", tool->name, ")");
}

const tools::Tool* FindToSetUp(const std::string& name) {
  for (const tools::Tool* tool : tools::AllTools()) {
    if (SetUpName(*tool) == name) return tool;
  }
  return tools::FindTool(name);
}

std::string ListTools(const tools::Surroundings& surroundings, bool json) {
  if (json) {
    v1::ToolList list;
    for (const tools::Tool* tool : tools::AllTools()) {
      *list.add_tools() = WiringOf(*tool, surroundings);
    }
    return absl::StrCat(zctl::ToAnswer(list, zctl::JsonStyle::kOneLine), "\n");
  }
  std::string all;
  for (const tools::Tool* tool : tools::AllTools()) {
    absl::StrAppend(&all, DescribeTool(*tool, surroundings));
  }
  return absl::StrCat(all,
                      "mcp       `zctl setup mcp` has the MCP servers of tools take leases\n"
                      "roo       `zctl setup roo` says what to do in the editor\n"
                      "cursor    `zctl setup cursor` says what can be done\n");
}

}  // namespace zbroker::setup
