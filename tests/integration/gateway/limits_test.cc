// Limits that are learned, with real processes: models with limits of their own, and a limit that
// falls for a moment. What is asserted are ratios of what the upstream could have served.
#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/mutex.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

// Serves each request for a while, and refuses what is one too many of its model or of all.
class LimitedUpstream {
 public:
  // Of a model; of no model: of the account. Both are asked at each request.
  using Limit = std::function<int(const std::string& model)>;

  LimitedUpstream(std::vector<std::string> models, absl::Duration service, Limit limit)
      : models_(std::move(models)), service_(service), limit_(std::move(limit)) {}

  std::string url() const { return upstream_.url(); }
  int throttles() const { return throttles_; }
  int served(const std::string& model) const {
    const MutexLock lock(mutex_);
    const auto found = served_.find(model);
    return found == served_.end() ? 0 : found->second;
  }

 private:
  bool Serve(const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    const std::string model = ModelOf(request.body);
    if (!Enter(model)) {
      ++throttles_;
      return peer.Send(Answer(429, ErrorBody("1302", "Rate limit reached for requests")));
    }
    absl::SleepFor(service_);  // that is its work
    {
      const MutexLock lock(mutex_);
      --in_flight_[model];
      --in_flight_[""];
      ++served_[model];
    }
    return peer.Send(Answer(200, kMessage));
  }

  std::string ModelOf(const std::string& body) const {
    const auto named = std::ranges::find_if(models_, [&](const std::string& model) {
      return absl::StrContains(body, absl::StrCat("\"", model, "\""));
    });
    return named == models_.end() ? "other" : *named;
  }

  bool Enter(const std::string& model) {
    const MutexLock lock(mutex_);
    if (in_flight_[model] >= limit_(model) || in_flight_[""] >= limit_("")) return false;
    ++in_flight_[model];
    ++in_flight_[""];
    return true;
  }

  const std::vector<std::string> models_;
  const absl::Duration service_;
  const Limit limit_;
  mutable Mutex mutex_;
  std::map<std::string, int> in_flight_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> served_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> throttles_ = 0;
  // Last: it ends before what it uses.
  RawUpstream upstream_{[this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
    return Serve(request, peer);
  }};
};

class LimitsTest : public GatewayTest {
 protected:
  explicit LimitsTest(const std::string& config) : GatewayTest(config) {}

  // A client that asks for one thing after another, as long as `more` says so.
  void AddClient(const std::string& model, std::function<bool()> more) {
    clients_.emplace_back([this, model, more = std::move(more)] {
      const std::string body = absl::StrCat("{\"model\":\"", model,
                                            "\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                                            "\"content\":\"hi\"}]}");
      HttpConnection connection = Connect();
      while (more()) {
        connection.Send(Post(body));
        if (connection.Read().status != 200) ++errors_;
      }
    });
  }
  void Join() {
    for (std::thread& client : clients_) client.join();
    clients_.clear();
  }

  std::atomic<int> errors_ = 0;

 private:
  std::vector<std::thread> clients_;
};

class ModelsTest : public LimitsTest {
 protected:
  // Long beside what a busy machine adds to it.
  static constexpr absl::Duration kService = absl::Milliseconds(500);

  ModelsTest() : LimitsTest("[account.default.slots]\nlimit = 7\n") {}

  // Eight ask for the one model and three for the other.
  void StartClients(LimitedUpstream& upstream) {
    Start(upstream.url());
    for (int i = 0; i < 8; ++i) AddClient("small", [&] { return !over_; });
    for (int i = 0; i < 3; ++i) AddClient("big", [&] { return !over_; });
  }
  // What is served at a time, while so many more are served in all.
  struct Served {
    double big = 0, small = 0;
  };
  static Served Measure(const LimitedUpstream& upstream, int more) {
    const int small = upstream.served("small"), big = upstream.served("big");
    const absl::Time begin = absl::Now();
    EXPECT_TRUE(WaitUntil(
        [&] { return upstream.served("small") + upstream.served("big") >= small + big + more; }));
    const double rounds = absl::FDivDuration(absl::Now() - begin, kService);
    return {(upstream.served("big") - big) / rounds, (upstream.served("small") - small) / rounds};
  }

  std::atomic<bool> over_ = false;
};

TEST_F(ModelsTest, ModelThatIsServedOneAtATimeDoesNotSlowAnother) {
  LimitedUpstream upstream({"big", "small"}, kService, [](const std::string& model) {
    return model.empty() ? 100 : model == "big" ? 1 : 6;
  });
  StartClients(upstream);
  // At first it is found out whose refusals they are.
  Measure(upstream, 210);
  const int throttles = upstream.throttles();
  const Served served = Measure(upstream, 210);
  over_ = true;
  Join();
  RecordProperty("small", absl::StrCat(served.small / 6));
  RecordProperty("big", absl::StrCat(served.big));
  RecordProperty("throttles", upstream.throttles());
  EXPECT_GE(served.small, 0.9 * 6);
  EXPECT_GE(served.big, 0.9);
  EXPECT_LE(throttles, 15);
  EXPECT_LE(upstream.throttles() - throttles, 5);
  EXPECT_EQ(errors_, 0);
}

// The mirror of it: all models together are served three at a time.
TEST_F(ModelsTest, AccountThatIsServedThreeAtATimeIsNotTakenForItsModels) {
  LimitedUpstream upstream({"big", "small"}, kService,
                           [](const std::string& model) { return model.empty() ? 3 : 100; });
  StartClients(upstream);
  Measure(upstream, 90);
  const int throttles = upstream.throttles();
  const Served served = Measure(upstream, 90);
  over_ = true;
  Join();
  RecordProperty("all", absl::StrCat((served.small + served.big) / 3));
  RecordProperty("throttles", upstream.throttles());
  EXPECT_GE(served.small + served.big, 0.9 * 3);
  EXPECT_GT(served.small, 0);
  EXPECT_GT(served.big, 0);
  EXPECT_LE(throttles, 15);
  EXPECT_LE(upstream.throttles() - throttles, 5);
  EXPECT_EQ(errors_, 0);
}

class DipTest : public LimitsTest {
 protected:
  DipTest() : LimitsTest("[account.default.slots]\nlimit = 4\n") {}

  // How long ten clients take for so many requests.
  absl::Duration Work(int requests) {
    const absl::Time begin = absl::Now();
    std::atomic<int> left = requests;
    for (int i = 0; i < 10; ++i) AddClient("m", [&] { return left-- > 0; });
    Join();
    return absl::Now() - begin;
  }
};

TEST_F(DipTest, LimitThatComesBackCostsLittleMoreThanItsAbsence) {
  std::atomic<int64_t> began = 0;
  // Four at once for two seconds, one for five, and then three: 120 requests take 10.7 s.
  LimitedUpstream upstream({"m"}, absl::Milliseconds(200), [&](const std::string& model) {
    if (!model.empty() || began == 0) return 100;
    const absl::Duration since = absl::Now() - absl::FromUnixMicros(began);
    return since < absl::Seconds(2) ? 4 : since < absl::Seconds(7) ? 1 : 3;
  });
  Start(upstream.url());
  // What this machine makes of 3 s of work, four at once, without a dip.
  const double slower = std::max(1.0, absl::FDivDuration(Work(60), absl::Seconds(3)));
  began = absl::ToUnixMicros(absl::Now());
  const absl::Duration took = Work(120);
  RecordProperty("seconds", absl::StrCat(absl::ToDoubleSeconds(took)));
  RecordProperty("slower", absl::StrCat(slower));
  RecordProperty("throttles", upstream.throttles());
  // Where what has fallen is not soon tried again it is 2.2 times as long.
  EXPECT_LE(took, 1.5 * slower * absl::Seconds(10.7));
  EXPECT_LE(upstream.throttles(), 6);
  EXPECT_EQ(upstream.served("m"), 180);
  EXPECT_EQ(errors_, 0);
}

}  // namespace
}  // namespace zbroker::testing
