#include "tests/testing/upstream/service_model.h"

#include <algorithm>
#include <utility>

namespace zbroker::testing {

absl::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kThrottled:
      return "throttled";
    case Outcome::kFault:
      return "fault";
    case Outcome::kAborted:
      return "aborted";
  }
  return "";
}

void ServiceModel::Configure(Settings settings) {
  settings_ = std::move(settings);
  random_.seed(static_cast<uint64_t>(settings_.seed));
}

Admission ServiceModel::Arrive(absl::string_view path, BootTime now) {
  Admission admission;
  admission.id = next_id_++;
  admission.pace = settings_.pace;
  CountPath(path);
  ++counters_.requests;
  records_.push_back({.id = admission.id, .path = std::string(path), .started = now});
  if (records_.size() > kRecordsMax) records_.pop_front();

  const bool full = in_service_.size() >= static_cast<size_t>(settings_.limit);
  if (full || Draw()) {
    admission.throttled = true;
    Close(admission.id, Outcome::kThrottled, now);
    return admission;
  }
  in_service_.insert(admission.id);
  counters_.max_in_flight = std::max(counters_.max_in_flight, in_service_.size());
  if (!settings_.script.empty()) {
    admission.script = std::move(settings_.script.front());
    settings_.script.pop_front();
  }
  return admission;
}

void ServiceModel::CountOther(absl::string_view path) { CountPath(path); }

void ServiceModel::End(uint64_t id, Outcome outcome, BootTime now) {
  if (in_service_.erase(id) == 0) return;
  Close(id, outcome, now);
}

void ServiceModel::Reset() {
  counters_ = Counters();
  counters_.max_in_flight = in_service_.size();
  records_.clear();
  first_counted_id_ = next_id_;
}

// Not std::bernoulli_distribution, whose draws differ between standard libraries.
bool ServiceModel::Draw() {
  if (settings_.throttle_probability <= 0) return false;
  const double uniform = static_cast<double>(random_() >> 11) * 0x1p-53;
  return uniform < settings_.throttle_probability;
}

void ServiceModel::CountPath(absl::string_view path) {
  std::string name(path);
  if (counters_.by_path.size() >= kCountedPathsMax && !counters_.by_path.contains(name)) {
    name = "other";
  }
  ++counters_.by_path[name];
}

void ServiceModel::Close(uint64_t id, Outcome outcome, BootTime now) {
  if (id < first_counted_id_) return;
  switch (outcome) {
    case Outcome::kOk:
      ++counters_.ok;
      break;
    case Outcome::kThrottled:
      ++counters_.throttled;
      break;
    case Outcome::kFault:
      ++counters_.faults;
      break;
    case Outcome::kAborted:
      ++counters_.aborted;
      break;
  }
  if (records_.empty() || id < records_.front().id) return;
  RequestRecord& record = records_[id - records_.front().id];
  record.finished = now;
  record.outcome = outcome;
}

}  // namespace zbroker::testing
