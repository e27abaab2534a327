#include "tests/integration/meter/fake_meter.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zbroker::testing {
namespace {

std::string Whole(int status, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, " Told\r\nContent-Type: application/json\r\n",
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

}  // namespace

std::string MeterLimit(absl::string_view type, int unit, int number, absl::string_view rest) {
  return absl::StrCat(R"({"type":")", type, R"(","unit":)", unit, R"(,"number":)", number, rest,
                      "}");
}

std::string ResetsAt(absl::Time at) {
  return absl::StrCat(R"(,"nextResetTime":)", absl::ToUnixMillis(at));
}

std::string MeterBody(absl::string_view rows) {
  return absl::StrCat(R"({"code":200,"msg":"Operation successful","success":true,"data":)",
                      R"({"level":"pro","limits":[)", rows, "]}}");
}

FakeMeter::FakeMeter()
    : answer_(Whole(200, MeterBody(""))),
      model_answer_(Whole(200, "{}")),
      upstream_([this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
        return Serve(request, peer);
      }) {}

void FakeMeter::Show(const std::string& body, int status) { ShowRaw(Whole(status, body)); }

void FakeMeter::ShowRaw(const std::string& answer) {
  MutexLock lock(mutex_);
  answer_ = answer;
}

void FakeMeter::Hang() {
  MutexLock lock(mutex_);
  hangs_ = true;
}

void FakeMeter::GoOn() {
  MutexLock lock(mutex_);
  hangs_ = false;
  changed_.SignalAll();
}

void FakeMeter::ServeModels(const std::string& answer) {
  MutexLock lock(mutex_);
  model_answer_ = answer;
}

void FakeMeter::RefuseFirstPath() {
  MutexLock lock(mutex_);
  refuses_ = true;
}

int FakeMeter::asked() const {
  MutexLock lock(mutex_);
  return asked_;
}

std::string FakeMeter::last_head() const {
  MutexLock lock(mutex_);
  return last_head_;
}

bool FakeMeter::Serve(const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
  std::string answer;
  {
    MutexLock lock(mutex_);
    if (!absl::StartsWith(request.head, "GET /api/monitor/usage")) {
      answer = model_answer_;
    } else {
      ++asked_;
      last_head_ = request.head;
      while (hangs_) changed_.Wait(mutex_);
      answer = answer_;
      if (refuses_ && absl::StrContains(request.head, "/quota/limit ")) {
        answer = Whole(200, R"({"code":401,"msg":"token expired or incorrect","success":false})");
      }
    }
  }
  return peer.Send(answer);
}

}  // namespace zbroker::testing
