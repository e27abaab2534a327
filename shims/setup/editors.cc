#include "shims/setup/editors.h"

#include "absl/strings/str_cat.h"
#include "shims/tools/json_settings.h"

namespace zbroker::setup {
namespace {

// Roo Code's export and import: docs.roocode.com, "Settings Management".
Instructions ForRoo(const std::string& url) {
  Instructions roo;
  roo.import_name = "roo-code-settings.json";
  roo.import_content = absl::StrCat(
      "{\n  \"providerProfiles\": {\n    \"currentApiConfigName\": \"zbroker\",\n"
      "    \"apiConfigs\": {\n      \"zbroker\": {\n        \"apiProvider\": \"openai\",\n"
      "        \"openAiBaseUrl\": ",
      tools::JsonQuote(url),
      ",\n"
      "        \"openAiApiKey\": \"PUT THE KEY OF THE PLAN HERE\",\n"
      "        \"openAiModelId\": \"glm-4.7\",\n        \"id\": \"zbroker\"\n      }\n    }\n  },\n"
      "  \"globalSettings\": {}\n}\n");
  roo.words = absl::StrCat(
      "Roo Code keeps its settings in the editor, so they are changed there:\n"
      "  Settings > Providers > API Provider: OpenAI Compatible\n"
      "    Base URL  ",
      url,
      "\n    API Key   that of your plan\n    Model     glm-4.7\n"
      "or Settings > About Roo Code > Import, with the file named below, and then the key. An "
      "import\n"
      "takes the place of all provider profiles: export yours before.\n");
  return roo;
}

Instructions ForCursor() {
  return {
      .words =
          "Cursor sends requests with a key of your own from its own servers, which reach no "
          "address of\nthis machine: no gateway here can serve it. What can be done:\n"
          "  keep a slot free for it: `reserve_outside = 1` in [account.NAME.slots] of zbroker's "
          "configuration\n"
          "  have what it uses counted: `zctl meter` asks for the provider's own figures, and "
          "windows "
          "go by\n  them; `zctl meter --every 5m`, or `gateway = true` in [meter], does so "
          "regularly\n"};
}

}  // namespace

bool IsEditor(const std::string& name) { return name == "roo" || name == "cursor"; }

std::optional<Instructions> InstructionsFor(const std::string& name, const std::string& url) {
  if (name == "roo") return ForRoo(url);
  if (name == "cursor") return ForCursor();
  return std::nullopt;
}

}  // namespace zbroker::setup
