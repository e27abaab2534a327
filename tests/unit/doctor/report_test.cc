#include "shims/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/zctl/message_json.h"
#include "shims/doctor/rules.h"
#include "tests/unit/doctor/healthy.h"

namespace zbroker::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ReportTest, HealthyIsOneLine) {
  EXPECT_EQ(RenderReport(Healthy(), {}, {}),
            "all is well: zbrokerd 1.2.3 answers, 1 gateway runs, claude goes through it\n");
}

TEST(ReportTest, NotesStandBelowTheLineThatSaysThatAllIsWell) {
  const auto findings = std::vector{Make(Id::kShadow, "default")};
  EXPECT_TRUE(IsHealthy(findings));
  EXPECT_THAT(RenderReport(Healthy(), findings, {}),
              AllOf(StartsWith("all is well: "), HasSubstr("\nnote shadow: account default")));
}

TEST(ReportTest, EachFindingHasItsFixInOnePiece) {
  const auto findings =
      std::vector{Make(Id::kBreaker, "default", {"12:00"}), Make(Id::kDaemonDown, "zbrokerd"),
                  Make(Id::kStateOpen, "/s", {"/s"})};
  EXPECT_FALSE(IsHealthy(findings));
  const std::string text = RenderReport(Healthy(), findings, {.columns = 40});
  EXPECT_THAT(text, StartsWith("error breaker: account default: the"));
  EXPECT_THAT(text,
              HasSubstr("\n  fix: leave it alone until then; zctl resume --end-breaker only"));
  EXPECT_THAT(text, HasSubstr("\n2 errors, 1 warning\n"));
}

TEST(ReportTest, JsonHasItsSchema) {
  const auto report = MakeReport(Healthy(), {Make(Id::kDaemonDown, "zbrokerd")});
  EXPECT_EQ(zctl::ToJson(report, zctl::JsonStyle::kOneLine),
            R"({"schema_version":1,"version":"1.2.3","healthy":false,"findings":[)"
            R"({"id":"daemon-down","severity":"warning","subject":"zbrokerd",)"
            R"("text":"no daemon runs, so nothing is leased; the next program that needs one )"
            R"(starts it","fix":"zctl status"}],"error":""})");
  EXPECT_EQ(zctl::ToJson(MakeReport(Healthy(), {}), zctl::JsonStyle::kOneLine),
            R"({"schema_version":1,"version":"1.2.3","healthy":true,"findings":[],"error":""})");
}

}  // namespace
}  // namespace zbroker::doctor
