#include "shims/meter/fetch.h"

#include <curl/curl.h>
#include <string.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "shims/zai/meter.h"

namespace zbroker::meter {
namespace {

struct Cleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  // The fields hold the key.
  void operator()(curl_slist* fields) const {
    for (curl_slist* one = fields; one != nullptr; one = one->next) {
      explicit_bzero(one->data, strlen(one->data));
    }
    curl_slist_free_all(fields);
  }
};
using Easy = std::unique_ptr<CURL, Cleanup>;
using Fields = std::unique_ptr<curl_slist, Cleanup>;

void Append(Fields& fields, std::string line) {
  curl_slist* const longer = curl_slist_append(fields.get(), line.c_str());
  explicit_bzero(line.data(), line.size());
  if (longer == nullptr) return;
  fields.release();
  fields.reset(longer);
}

// Less than all ends the transfer.
size_t Take(char* bytes, size_t, size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  const size_t room = zai::kMeterBytesMax + 1 - text.size();
  text.append(bytes, std::min(count, room));
  return std::min(count, room);
}

}  // namespace

absl::StatusOr<Fetched> Fetch(const std::string& url, const Key& key) {
  const Easy easy(curl_easy_init());
  if (easy == nullptr) return absl::UnavailableError("there is no memory for a request");
  Fields fields;
  Append(fields, absl::StrCat("Authorization: ", key.text()));
  Append(fields, "Accept-Language: en-US,en");
  Append(fields, "Accept: application/json");
  Fetched fetched;
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT,
                   absl::StrCat("zbroker/", ZBROKER_VERSION).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, absl::ToInt64Milliseconds(kAnswerTime));
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &Take);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &fetched.body);
  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  fetched.status = static_cast<int>(status);
  // One that is too long is judged as such.
  const bool cut = code == CURLE_WRITE_ERROR && fetched.body.size() > zai::kMeterBytesMax;
  if (code == CURLE_OK || cut) return fetched;
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return absl::UnavailableError(
        absl::StrCat("it did not answer within ", absl::FormatDuration(kAnswerTime)));
  }
  return absl::UnavailableError(absl::StrCat("it can't be asked: ", curl_easy_strerror(code)));
}

}  // namespace zbroker::meter
