#include "shims/zai/model_request.h"

#include <simdjson.h>

#include <cstdint>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "client/base/text.h"
#include "shims/zai/background.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

namespace ondemand = simdjson::ondemand;

// Whose turn a message is, as far as it decides what started the request.
enum class Turn { kUser, kTool, kSystem, kOther };

Turn TurnOf(absl::string_view role) {
  if (role == "user") return Turn::kUser;
  if (role == "tool" || role == "function") return Turn::kTool;
  if (role == "system" || role == "developer") return Turn::kSystem;
  return Turn::kOther;
}

// Members that say what is asked, as against how it is to be answered.
bool SaysWhatIsAsked(ondemand::raw_json_string key) {
  return key == "model" || key == "messages" || key == "system" || key == "input" ||
         key == "instructions" || key == "prompt";
}

// Without what stands between a member and the next, or the end.
absl::string_view WithoutTail(absl::string_view member) {
  const size_t last = member.find_last_not_of(" \t\r\n,\"}");
  return member.substr(0, last == member.npos ? 0 : last + 1);
}

// Reads a body front to back, once. Each Read returns false if the document is broken there; a
// value of another type than expected is passed over.
class BodyReader {
 public:
  BodyReader(Protocol protocol, bool fingerprint, const char* end)
      : protocol_(protocol), hashes_(fingerprint), end_(end) {}

  bool Read(ondemand::document& document);
  ModelRequest Result() const;

 private:
  // What the text of a message, or of the top-level `system`, bears.
  struct Content {
    const Mark* system_mark = nullptr;
    const Mark* user_mark = nullptr;
    bool tool_result = false;
    bool has_own_text = false;  // that no mark of surroundings begins
    bool has_context = false;
  };

  bool ReadField(ondemand::raw_json_string key, ondemand::value& value);
  bool ReadInput(ondemand::value& value);
  void TakeTurn(Turn turn, const Content& content);
  void EndMember(const char* at);
  bool ReadMessages(ondemand::value& value);
  bool ReadMessage(ondemand::value& value);
  bool ReadContent(ondemand::value& value, Content* content);
  bool ReadBlock(ondemand::value& value, Content* content);
  bool ReadText(ondemand::value& value, Content* content);
  bool ReadModel(ondemand::value& value);
  bool ReadTools(ondemand::value& value);
  bool ReadTokenLimit(ondemand::value& value);

  bool Applies(const Mark* mark) const {
    return mark != nullptr && !(mark->without_tools && has_tools_);
  }

  const Protocol protocol_;
  const bool hashes_;
  const char* const end_;
  const char* member_ = nullptr;  // the beginning of a member that says what is asked
  uint64_t fingerprint_ = 0;
  std::string model_;
  bool stream_ = false;
  bool has_tools_ = false;
  bool one_token_ = false;
  bool users_turn_ = false;
  const Mark* system_mark_ = nullptr;
  const Mark* user_mark_ = nullptr;  // of the last message of the user
};

bool TypeOf(ondemand::value& value, ondemand::json_type* type) {
  return value.type().get(*type) == simdjson::SUCCESS;
}

bool BodyReader::Read(ondemand::document& document) {
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    EndMember(field.key().raw());
    if (hashes_ && SaysWhatIsAsked(field.key())) member_ = field.key().raw();
    if (!ReadField(field.key(), field.value())) return false;
  }
  EndMember(end_);
  return true;
}

// In whatever order the members come.
void BodyReader::EndMember(const char* at) {
  if (member_ == nullptr) return;
  const absl::string_view member(member_, static_cast<size_t>(at - member_));
  fingerprint_ ^= absl::HashOf(WithoutTail(member));
  member_ = nullptr;
}

bool BodyReader::ReadField(ondemand::raw_json_string key, ondemand::value& value) {
  if (key == "model") return ReadModel(value);
  if (key == "messages") return ReadMessages(value);
  if (key == "input" && protocol_ == Protocol::kResponses) return ReadInput(value);
  if (key == "tools") return ReadTools(value);
  if (key == "max_tokens" || key == "max_completion_tokens" || key == "max_output_tokens") {
    return ReadTokenLimit(value);
  }
  if (key == "stream") {
    bool stream = false;
    if (value.get_bool().get(stream) == simdjson::SUCCESS) stream_ = stream;
    return true;
  }
  if (key == "system" || key == "instructions") {
    Content content;
    if (!ReadContent(value, &content)) return false;
    if (content.system_mark != nullptr) system_mark_ = content.system_mark;
  }
  return true;
}

bool BodyReader::ReadModel(ondemand::value& value) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::string) return true;
  std::string_view model;
  if (value.get_string().get(model) != simdjson::SUCCESS) return false;
  model_ = Printable({model.data(), model.size()}, kNameBytesMax);
  return true;
}

bool BodyReader::ReadTools(ondemand::value& value) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::array) return true;
  ondemand::array tools;
  bool empty = true;
  if (value.get_array().get(tools) != simdjson::SUCCESS ||
      tools.is_empty().get(empty) != simdjson::SUCCESS) {
    return false;
  }
  has_tools_ = !empty;
  return true;
}

bool BodyReader::ReadTokenLimit(ondemand::value& value) {
  int64_t limit = 0;
  if (value.get_int64().get(limit) == simdjson::SUCCESS) one_token_ = limit == 1;
  return true;
}

bool BodyReader::ReadMessages(ondemand::value& value) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::array) return true;
  ondemand::array messages;
  if (value.get_array().get(messages) != simdjson::SUCCESS) return false;
  for (auto item : messages) {
    ondemand::value message;
    if (std::move(item).get(message) != simdjson::SUCCESS || !ReadMessage(message)) return false;
  }
  return true;
}

// A text is the user's; else it is items, of which messages are like those of the other protocols.
bool BodyReader::ReadInput(ondemand::value& value) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::string) return ReadMessages(value);
  Content content;
  if (!ReadText(value, &content)) return false;
  TakeTurn(Turn::kUser, content);
  return true;
}

bool BodyReader::ReadMessage(ondemand::value& value) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::object) return true;
  ondemand::object message;
  if (value.get_object().get(message) != simdjson::SUCCESS) return false;
  Turn turn = Turn::kOther;
  Content content;
  for (auto item : message) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    if (field.key() == "role") {
      std::string_view role;
      if (field.value().get_string().get(role) == simdjson::SUCCESS) {
        turn = TurnOf({role.data(), role.size()});
      }
    } else if (field.key() == "content") {
      if (!ReadContent(field.value(), &content)) return false;
    } else if (field.key() == "type" && protocol_ == Protocol::kResponses) {
      std::string_view kind;
      if (field.value().get_string().get(kind) == simdjson::SUCCESS &&
          absl::EndsWith({kind.data(), kind.size()}, "_output")) {
        turn = Turn::kTool;
      }
    }
  }
  TakeTurn(turn, content);
  return true;
}

void BodyReader::TakeTurn(Turn turn, const Content& content) {
  if (turn == Turn::kSystem && content.system_mark != nullptr) system_mark_ = content.system_mark;
  if (turn == Turn::kTool) users_turn_ = false;
  if (turn != Turn::kUser) return;
  if (protocol_ == Protocol::kResponses && content.has_context && !content.has_own_text) return;
  users_turn_ = !content.tool_result;
  user_mark_ = content.user_mark;
}

bool BodyReader::ReadContent(ondemand::value& value, Content* content) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type == ondemand::json_type::string) return ReadText(value, content);
  if (type != ondemand::json_type::array) return true;
  ondemand::array blocks;
  if (value.get_array().get(blocks) != simdjson::SUCCESS) return false;
  for (auto item : blocks) {
    ondemand::value block;
    if (std::move(item).get(block) != simdjson::SUCCESS || !ReadBlock(block, content)) return false;
  }
  return true;
}

bool BodyReader::ReadBlock(ondemand::value& value, Content* content) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::object) return true;
  ondemand::object block;
  if (value.get_object().get(block) != simdjson::SUCCESS) return false;
  for (auto item : block) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    if (field.key() == "type") {
      std::string_view kind;
      if (field.value().get_string().get(kind) == simdjson::SUCCESS && kind == "tool_result") {
        content->tool_result = true;
      }
    } else if (field.key() == "text") {
      if (!ReadText(field.value(), content)) return false;
    }
  }
  return true;
}

// Looks at the text where it stands: it may be most of the body.
bool BodyReader::ReadText(ondemand::value& value, Content* content) {
  ondemand::json_type type;
  if (!TypeOf(value, &type)) return false;
  if (type != ondemand::json_type::string) return true;
  ondemand::raw_json_string text;
  if (value.get_raw_json_string().get(text) != simdjson::SUCCESS) return false;
  const absl::string_view raw(text.raw(), static_cast<size_t>(end_ - text.raw()));
  if (const Mark* mark = FindMark(Place::kSystem, raw)) content->system_mark = mark;
  if (const Mark* mark = FindMark(Place::kUser, raw)) content->user_mark = mark;
  (IsContext(raw) ? content->has_context : content->has_own_text) = true;
  return true;
}

ModelRequest BodyReader::Result() const {
  ModelRequest request;
  request.model = model_;
  request.stream = stream_;
  bool marked = one_token_;
  request.background = one_token_;  // quota probes, and counting tokens the hard way
  for (const Mark* mark : {system_mark_, user_mark_}) {
    if (!Applies(mark)) continue;
    marked = true;
    request.background = request.background || mark->background;
  }
  request.prompt = users_turn_ && !marked;
  request.fingerprint = fingerprint_;
  return request;
}

}  // namespace

std::optional<ModelRequest> ReadModelRequest(Protocol protocol, absl::string_view body,
                                             bool fingerprint) {
  const simdjson::padded_string padded(body.data(), body.size());
  if (padded.data() == nullptr) return std::nullopt;  // no memory for the copy
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  BodyReader reader(protocol, fingerprint, padded.data() + padded.size());
  if (!reader.Read(document)) return std::nullopt;
  return reader.Result();
}

}  // namespace zbroker::zai
