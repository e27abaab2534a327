// From what was seen to what is to be said of it.
#ifndef ZBROKER_SHIMS_DOCTOR_RULES_H_
#define ZBROKER_SHIMS_DOCTOR_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/base/url.h"
#include "shims/doctor/facts.h"
#include "shims/doctor/finding.h"

namespace zbroker::doctor {

// All findings, the gravest first, and those of one gravity in the order of the table. Pure.
std::vector<Finding> Diagnose(const Facts& facts);

// The base URLs, at most 16, of the account's upstream, as far as anything says where it is: the
// configuration, gateways, settings of tools. Where nothing does, the provider's.
std::vector<Url> KnownUpstreams(const Facts& facts);

// Whether requests to it are the provider's to answer, or of who stands in for it.
bool IsOfTheProvider(const Url& url);

// A base URL for a person: without what may be secret, which a part of its path may be.
std::string ShownUrl(absl::string_view text);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_RULES_H_
