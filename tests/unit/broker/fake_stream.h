#ifndef ZBROKER_TESTS_UNIT_BROKER_FAKE_STREAM_H_
#define ZBROKER_TESTS_UNIT_BROKER_FAKE_STREAM_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/broker/transport.h"

namespace zbroker::broker {

// A request as one line: "hello 7 8", "acquire t1", "acquire t1 since 5", "cancel t1",
// "release 7 OUTCOME_OK".
inline std::string Describe(const v1::SessionRequest& request) {
  switch (request.request_case()) {
    case v1::SessionRequest::kHello: {
      std::string line = "hello";
      for (const auto& reclaim : request.hello().reclaims()) {
        absl::StrAppend(&line, " ", reclaim.lease_id(), "=", reclaim.ticket());
      }
      return line;
    }
    case v1::SessionRequest::kAcquire:
      return absl::StrCat("acquire ", request.acquire().ticket(),
                          request.acquire().arrival_boot_us() != 0
                              ? absl::StrCat(" since ", request.acquire().arrival_boot_us())
                              : "");
    case v1::SessionRequest::kCancel:
      return absl::StrCat("cancel ", request.cancel().ticket(),
                          request.cancel().keep_place() ? " keeping its place" : "");
    case v1::SessionRequest::kRelease:
      return absl::StrCat("release ", request.release().lease_id(), " ",
                          v1::Outcome_Name(request.release().outcome()),
                          request.release().details().unused() ? " unused" : "",
                          request.release().details().message(),
                          request.release().details().under_way() ? ", under way" : "");
    case v1::SessionRequest::REQUEST_NOT_SET:
      break;
  }
  return "nothing";
}

// Keeps what is said on it. Not thread-safe.
class FakeStream final : public Stream {
 public:
  void Send(v1::SessionRequest request) override { said_.push_back(Describe(request)); }
  void Cancel() override { cancelled_ = true; }

  // What was said since the last call.
  std::vector<std::string> Said() { return std::exchange(said_, {}); }
  bool cancelled() const { return cancelled_; }

 private:
  std::vector<std::string> said_;
  bool cancelled_ = false;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_TESTS_UNIT_BROKER_FAKE_STREAM_H_
