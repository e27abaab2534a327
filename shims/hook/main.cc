// zbroker-hook URL: sends what it reads, an event as JSON, to the address. The daemon starts it for
// each [[hook]] with a URL; its end and its words are how that fares.
#include <curl/curl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker {
namespace {

constexpr size_t kInputMax = 64 << 10;
constexpr long kTimeoutMs = 60'000;  // the daemon ends it earlier, if it is told to
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

std::string ReadInput() {
  std::string text;
  char buffer[4096];
  while (text.size() < kInputMax) {
    const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

size_t Ignore(char*, size_t size, size_t count, void*) { return size * count; }

int Fail(const std::string& why) {
  fprintf(stderr, "zbroker-hook: %s\n", why.c_str());
  return kExitFailure;
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--version") {
    printf("zbroker-hook %s\n", ZBROKER_VERSION);
    return 0;
  }
  if (argc != 2 || argv[1][0] == '-') {
    fprintf(stderr, "usage: zbroker-hook URL, with an event as JSON on standard input\n");
    return kExitUsage;
  }
  const std::string body = ReadInput();
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Fail("libcurl can't be used");
  CURL* const easy = curl_easy_init();
  if (easy == nullptr) return Fail("libcurl can't be used");
  curl_slist* fields = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "zbroker/" ZBROKER_VERSION);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Ignore);
  const CURLcode code = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(fields);
  curl_easy_cleanup(easy);
  if (code != CURLE_OK) return Fail(curl_easy_strerror(code));
  if (status < 200 || status > 299) return Fail(absl::StrCat("the answer was HTTP ", status));
  return 0;
}

}  // namespace
}  // namespace zbroker

int main(int argc, char** argv) { return zbroker::Main(argc, argv); }
