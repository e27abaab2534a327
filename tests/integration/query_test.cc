// Looking at the daemon over the wire: the ledger's history, and the services that gRPC tools
// expect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// More than two pages.
constexpr int kLeases = 600;

// One daemon for all: nothing here changes anything.
class QueryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    daemon_ = new DaemonProcess;
    daemon_->Start();
    RawClient client(daemon_->socket());
    RawSession session(client);
    for (int i = 0; i < kLeases; ++i) {
      v1::Acquire acquire = Ask(absl::StrCat("t", i));
      acquire.set_session(i % 3 == 0 ? "anna" : "bert");
      acquire.set_model(i % 2 == 0 ? "glm-4.7" : "glm-5");
      acquire.set_weight(2);
      v1::SessionRequest release;
      release.mutable_release()->set_lease_id(session.Lease(acquire));
      release.mutable_release()->set_outcome(i < 10 ? v1::OUTCOME_THROTTLE : v1::OUTCOME_OK);
      // The next one waits for the end of the cool-down.
      release.mutable_release()->mutable_details()->mutable_retry_after()->set_nanos(1'000'000);
      session.Send(release);
      ASSERT_TRUE(session.Next().has_released());
    }
  }

  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }

  // Reads all pages. Errors: how the stream ended.
  absl::StatusOr<std::vector<v1::LedgerPage>> Query(const v1::QueryLedgerRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
    const auto reader = client_.ledger().QueryLedger(&context, request);
    std::vector<v1::LedgerPage> pages;
    for (v1::LedgerPage page; reader->Read(&page);) pages.push_back(page);
    const absl::Status status = RawClient::ToAbsl(reader->Finish());
    if (!status.ok()) return status;
    return pages;
  }

  std::vector<v1::LedgerRow> Rows(const v1::QueryLedgerRequest& request) {
    std::vector<v1::LedgerRow> rows;
    const auto pages = Query(request);
    EXPECT_OK(pages);
    for (const v1::LedgerPage& page : pages.value_or(std::vector<v1::LedgerPage>())) {
      rows.insert(rows.end(), page.rows().begin(), page.rows().end());
    }
    return rows;
  }

  // "KEY LEASES CHARGED THROTTLED" of each group.
  std::vector<std::string> Groups(v1::GroupBy group_by) {
    v1::QueryLedgerRequest request;
    request.set_group_by(group_by);
    const auto pages = Query(request);
    EXPECT_OK(pages);
    std::vector<std::string> groups;
    for (const v1::LedgerPage& page : pages.value_or(std::vector<v1::LedgerPage>())) {
      for (const v1::LedgerGroup& group : page.groups()) {
        groups.push_back(absl::StrCat(group.key(), " ", group.leases(), " ", group.charged(), " ",
                                      group.throttled()));
      }
    }
    return groups;
  }

  static DaemonProcess* daemon_;
  RawClient client_{daemon_->socket()};
};

DaemonProcess* QueryTest::daemon_ = nullptr;

TEST_F(QueryTest, RowsComeInPagesOldestFirst) {
  const auto pages = Query({});
  ASSERT_OK(pages);
  EXPECT_GT(pages->size(), 2u);
  uint64_t last = 0;
  int count = 0;
  for (const v1::LedgerPage& page : *pages) {
    for (const v1::LedgerRow& row : page.rows()) {
      EXPECT_GT(row.lease_id(), last);
      last = row.lease_id();
      ++count;
    }
  }
  EXPECT_EQ(count, kLeases);
}

TEST_F(QueryTest, LimitTakesTheLatest) {
  v1::QueryLedgerRequest request;
  request.set_limit(3);
  const std::vector<v1::LedgerRow> rows = Rows(request);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.back().lease_id(), rows.front().lease_id() + 2);
  EXPECT_EQ(rows.back().lease_id(), static_cast<uint64_t>(kLeases));
}

TEST_F(QueryTest, FiltersAreTakenTogether) {
  v1::QueryLedgerRequest request;
  request.set_session("anna");
  request.set_model("glm-5");
  request.set_outcome(v1::OUTCOME_OK);
  // Of 600: every sixth, 100, less lease 4 and 10, which were throttled.
  EXPECT_EQ(Rows(request).size(), 98u);
}

TEST_F(QueryTest, RowsOfTheFutureAreNone) {
  v1::QueryLedgerRequest request;
  request.mutable_since()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 3600);
  EXPECT_THAT(Rows(request), IsEmpty());
}

TEST_F(QueryTest, UnknownAccountHasNoRows) {
  v1::QueryLedgerRequest request;
  request.set_account("other");
  EXPECT_THAT(Rows(request), IsEmpty());
}

TEST_F(QueryTest, GroupsBySession) {
  EXPECT_THAT(Groups(v1::GROUP_BY_SESSION),
              UnorderedElementsAre("anna 200 392 4", "bert 400 788 6"));
}

TEST_F(QueryTest, GroupsByModel) {
  EXPECT_THAT(Groups(v1::GROUP_BY_MODEL),
              UnorderedElementsAre("glm-4.7 300 590 5", "glm-5 300 590 5"));
}

TEST_F(QueryTest, GroupsByOutcome) {
  EXPECT_THAT(Groups(v1::GROUP_BY_OUTCOME),
              UnorderedElementsAre("ok 590 1180 0", "throttle 10 0 10"));
}

TEST_F(QueryTest, GroupsByTheHourInUtc) {
  const std::vector<std::string> groups = Groups(v1::GROUP_BY_HOUR);
  ASSERT_FALSE(groups.empty());
  EXPECT_THAT(groups[0], ContainsRegex("^20..-..-..T..:00:00Z "));
}

TEST_F(QueryTest, GroupsOfNothingAreNone) {
  v1::QueryLedgerRequest request;
  request.set_account("other");
  request.set_group_by(v1::GROUP_BY_MODEL);
  const auto pages = Query(request);
  ASSERT_OK(pages);
  for (const v1::LedgerPage& page : *pages) EXPECT_THAT(page.groups(), IsEmpty());
}

TEST_F(QueryTest, UnknownGroupingIsRefused) {
  v1::QueryLedgerRequest request;
  request.set_group_by(static_cast<v1::GroupBy>(99));
  EXPECT_THAT(Query(request), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(QueryTest, UnknownOutcomeIsRefused) {
  v1::QueryLedgerRequest request;
  request.set_outcome(static_cast<v1::Outcome>(99));
  EXPECT_THAT(Query(request), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(QueryTest, BadNameInAFilterIsRefused) {
  v1::QueryLedgerRequest request;
  request.set_session("a\nb");
  EXPECT_THAT(Query(request), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(QueryTest, StatusOfAnUnknownAccountIsNotFound) {
  v1::GetStatusRequest request;
  request.set_account("other");
  EXPECT_THAT(RawClient::Call(&v1::Ledger::Stub::GetStatus, client_.ledger(), request),
              HasCode(absl::StatusCode::kNotFound));
}

TEST_F(QueryTest, WatchSendsAStatusAtOnceAndThenOnePerInterval) {
  v1::WatchStatusRequest request;
  request.mutable_interval()->set_nanos(100'000'000);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
  const auto reader = client_.ledger().WatchStatus(&context, request);
  v1::Status status;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(reader->Read(&status)) << i;
  EXPECT_EQ(status.accounts(0).totals().granted(), static_cast<uint32_t>(kLeases));
  context.TryCancel();
  while (reader->Read(&status)) {
  }
  EXPECT_THAT(RawClient::ToAbsl(reader->Finish()), HasCode(absl::StatusCode::kCancelled));
}

TEST_F(QueryTest, WatchIntervalOutOfRangeIsRefused) {
  v1::WatchStatusRequest request;
  request.mutable_interval()->set_nanos(1);
  grpc::ClientContext context;
  const auto reader = client_.ledger().WatchStatus(&context, request);
  v1::Status status;
  EXPECT_FALSE(reader->Read(&status));
  EXPECT_THAT(RawClient::ToAbsl(reader->Finish()), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(QueryTest, HealthServiceSaysServing) {
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(client_.CallBytes("/grpc.health.v1.Health/Check", "").value_or("failed"), "\x08\x01");
}

TEST_F(QueryTest, ReflectionListsTheServices) {
  // ServerReflectionRequest{list_services: "*"}
  const auto reply = client_.CallBytes(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3A\x01*");
  ASSERT_OK(reply);
  EXPECT_THAT(*reply, AllOf(HasSubstr("zbroker.v1.Broker"), HasSubstr("zbroker.v1.Ledger"),
                            HasSubstr("zbroker.v1.Admin")));
}

}  // namespace
}  // namespace zbroker::testing
