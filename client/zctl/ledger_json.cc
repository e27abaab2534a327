#include "absl/strings/str_cat.h"
#include "client/zctl/ledger_writer.h"

namespace zbroker::zctl {
namespace {

// Inside the object and its one array.
constexpr size_t kDepth = 2;

// LedgerRows or LedgerGroups, piece by piece.
class JsonWriter final : public LedgerWriter {
 public:
  JsonWriter(v1::GroupBy by, JsonStyle style)
      : key_(by == v1::GROUP_BY_UNSPECIFIED ? "rows" : "groups"), style_(style) {}

  std::string Add(const v1::LedgerPage& page) override {
    std::string out;
    for (const v1::LedgerRow& row : page.rows()) Append(row, &out);
    for (const v1::LedgerGroup& group : page.groups()) Append(group, &out);
    return out;
  }

  std::string Finish() override {
    if (empty_) return absl::StrCat(Opening(), "]", JsonBreak(style_, 0), "}\n");
    return absl::StrCat(JsonBreak(style_, 1), "]", JsonBreak(style_, 0), "}\n");
  }

 private:
  std::string Opening() const {
    const absl::string_view space = style_ == JsonStyle::kIndented ? " " : "";
    return absl::StrCat("{", JsonBreak(style_, 1), "\"", kJsonSchemaField, "\":", space,
                        kJsonSchemaVersion, ",", JsonBreak(style_, 1), "\"", key_, "\":", space,
                        "[");
  }

  void Append(const google::protobuf::Message& element, std::string* out) {
    absl::StrAppend(out, empty_ ? Opening() : ",", JsonBreak(style_, kDepth),
                    ToJson(element, style_, kDepth));
    empty_ = false;
  }

  const absl::string_view key_;
  const JsonStyle style_;
  bool empty_ = true;
};

}  // namespace

std::unique_ptr<LedgerWriter> MakeLedgerJson(v1::GroupBy by, JsonStyle style) {
  return std::make_unique<JsonWriter>(by, style);
}

}  // namespace zbroker::zctl
