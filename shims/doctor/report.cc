#include "shims/doctor/report.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/base/text.h"
#include "client/zctl/paint.h"
#include "client/zctl/paragraph.h"

namespace zbroker::doctor {
namespace {

using zctl::Paint;

constexpr uint32_t kSchemaVersion = 1;

Paint PaintOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return Paint::kAlarm;
    case Severity::kWarning:
      return Paint::kCaution;
    case Severity::kNote:
      break;
  }
  return Paint::kPlain;
}

std::string RenderFinding(const Finding& finding, const zctl::ViewOptions& options) {
  const Kind& kind = KindOf(finding.id);
  std::string text = zctl::Paragraph(absl::StrCat(SeverityName(kind.severity), " ", kind.name),
                                     finding.text, PaintOf(kind.severity), 0, options);
  // In one piece, however long, so that it can be copied.
  if (!finding.fix.empty()) {
    absl::StrAppend(&text, "  fix: ", zctl::Painted(finding.fix, Paint::kStrong, options.color),
                    "\n");
  }
  return text;
}

std::string Count(size_t number, absl::string_view what) {
  return absl::StrCat(number, " ", what, number == 1 ? "" : "s");
}

std::string Summary(const std::vector<Finding>& findings) {
  std::vector<std::string> parts;
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kNote}) {
    const auto number = std::ranges::count_if(
        findings, [&](const Finding& one) { return KindOf(one.id).severity == severity; });
    if (number > 0) {
      parts.push_back(Count(static_cast<size_t>(number), SeverityName(severity)));
    }
  }
  return absl::StrJoin(parts, ", ");
}

// What has been seen to be well.
std::string WellLine(const Facts& facts) {
  if (facts.daemon.state == DaemonFacts::State::kDown) return "nothing is wrong\n";
  std::vector<std::string> parts = {absl::StrCat("zbrokerd ", facts.version, " answers")};
  if (!facts.gateways.empty()) {
    parts.push_back(absl::StrCat(Count(facts.gateways.size(), "gateway"),
                                 facts.gateways.size() == 1 ? " runs" : " run"));
  }
  std::vector<std::string> wired;
  for (const ToolFacts& tool : facts.tools) {
    if (std::ranges::any_of(tool.routes, &RouteFacts::through_ours)) wired.push_back(tool.name);
  }
  if (!wired.empty()) {
    parts.push_back(absl::StrCat(absl::StrJoin(wired, ", "), wired.size() == 1 ? " goes" : " go",
                                 " through it"));
  }
  return absl::StrCat("all is well: ", absl::StrJoin(parts, ", "), "\n");
}

}  // namespace

bool IsHealthy(const std::vector<Finding>& findings) {
  return std::ranges::all_of(
      findings, [](const Finding& one) { return KindOf(one.id).severity == Severity::kNote; });
}

v1::DoctorReport MakeReport(const Facts& facts, const std::vector<Finding>& findings) {
  v1::DoctorReport report;
  report.set_schema_version(kSchemaVersion);
  report.set_version(facts.version);
  report.set_healthy(IsHealthy(findings));
  for (const Finding& one : findings) {
    const Kind& kind = KindOf(one.id);
    v1::Finding& out = *report.add_findings();
    out.set_id(std::string(kind.name));
    out.set_severity(std::string(SeverityName(kind.severity)));
    out.set_subject(one.subject);
    out.set_text(one.text);
    out.set_fix(one.fix);
  }
  return report;
}

v1::DoctorReport MakeErrorReport(const std::string& error) {
  v1::DoctorReport report;
  report.set_schema_version(kSchemaVersion);
  report.set_version(ZBROKER_VERSION);
  report.set_error(EscapeControls(error));
  return report;
}

std::string RenderReport(const Facts& facts, const std::vector<Finding>& findings,
                         const zctl::ViewOptions& options) {
  const bool healthy = IsHealthy(findings);
  std::string text;
  if (healthy) text = zctl::Painted(WellLine(facts), Paint::kGood, options.color);
  for (const Finding& one : findings) absl::StrAppend(&text, RenderFinding(one, options));
  if (!healthy) absl::StrAppend(&text, Summary(findings), "\n");
  return text;
}

std::string RenderKinds() {
  std::string text;
  for (const Kind& kind : AllKinds()) {
    std::string sentence(kind.sentence);
    sentence = absl::StrReplaceAll(
        sentence, {{"$0", "…"}, {"$1", "…"}, {"$2", "…"}, {"$3", "…"}, {"$4", "…"}});
    absl::StrAppend(&text, SeverityName(kind.severity), " ", kind.name, ": ", sentence, "\n");
  }
  return text;
}

}  // namespace zbroker::doctor
