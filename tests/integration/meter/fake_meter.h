// An upstream with a meter, of which a test says what it shows.
#ifndef ZBROKER_TESTS_INTEGRATION_METER_FAKE_METER_H_
#define ZBROKER_TESTS_INTEGRATION_METER_FAKE_METER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/mutex.h"
#include "tests/testing/raw_upstream.h"

namespace zbroker::testing {

inline constexpr char kMeterKey[] = "0123456789abcdef.ThisIsTheKey";

// A row of the meter's list. `rest`: further members, each with a comma before it.
std::string MeterLimit(absl::string_view type, int unit, int number, absl::string_view rest);
// A member `nextResetTime`, with its comma.
std::string ResetsAt(absl::Time at);
// The envelope around rows.
std::string MeterBody(absl::string_view rows);

// Answers the meter's path, and model requests with `model_answer`.
class FakeMeter {
 public:
  FakeMeter();
  ~FakeMeter() { GoOn(); }

  std::string url() const { return upstream_.url(); }
  void Show(const std::string& body, int status = 200);
  // A whole answer.
  void ShowRaw(const std::string& answer);
  // From now on the meter does not answer until told.
  void Hang();
  void GoOn();
  // The answer to whatever else is asked.
  void ServeModels(const std::string& answer);
  // Whether the key is refused at the first path.
  void RefuseFirstPath();

  // Questions to the meter so far.
  int asked() const;
  std::string last_head() const;

 private:
  bool Serve(const RawUpstream::Request& request, const RawUpstream::Peer& peer);

  mutable Mutex mutex_;
  CondVar changed_;
  std::string answer_ ABSL_GUARDED_BY(mutex_);
  std::string model_answer_ ABSL_GUARDED_BY(mutex_);
  std::string last_head_ ABSL_GUARDED_BY(mutex_);
  bool hangs_ ABSL_GUARDED_BY(mutex_) = false;
  bool refuses_ ABSL_GUARDED_BY(mutex_) = false;
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  RawUpstream upstream_;  // last: its threads use the others
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_METER_FAKE_METER_H_
