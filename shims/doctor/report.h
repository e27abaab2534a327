// Findings as people and programs read them.
#ifndef ZBROKER_SHIMS_DOCTOR_REPORT_H_
#define ZBROKER_SHIMS_DOCTOR_REPORT_H_

#include <string>
#include <vector>

#include "client/zctl/view_options.h"
#include "shims/doctor/facts.h"
#include "shims/doctor/finding.h"
#include "zbroker/v1/doctor.pb.h"

namespace zbroker::doctor {

// Whether there is nothing but notes.
bool IsHealthy(const std::vector<Finding>& findings);

v1::DoctorReport MakeReport(const Facts& facts, const std::vector<Finding>& findings);

// For a command line that was wrong.
v1::DoctorReport MakeErrorReport(const std::string& error);

// On a healthy system one line that says so, and the notes, if any, below it; else a line for each
// finding and what mends it, and how many there are of each gravity.
std::string RenderReport(const Facts& facts, const std::vector<Finding>& findings,
                         const zctl::ViewOptions& options);

// A line for each thing that can be found.
std::string RenderKinds();

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_REPORT_H_
