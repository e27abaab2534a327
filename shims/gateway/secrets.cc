#include "shims/gateway/secrets.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"

namespace zbroker::gateway {
namespace {

constexpr size_t kCredentialMin = 4;  // a shorter one is part of many words

bool NamesCredential(absl::string_view name) {
  constexpr std::array<absl::string_view, 7> kWords = {"auth",   "key",      "token",     "secret",
                                                       "cookie", "password", "credential"};
  const std::string lower = absl::AsciiStrToLower(name);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](absl::string_view word) { return absl::StrContains(lower, word); });
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
                       HexValue(text[i + 2]) >= 0;
    decoded.push_back(coded ? static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]))
                            : text[i]);
    if (coded) i += 2;
  }
  return decoded;
}

void AppendUtf8(uint32_t point, std::string& out) {
  const auto add = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return add(point);
  if (point < 0x800) {
    add(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      add(0xe0 | point >> 12);
    } else {
      add(0xf0 | point >> 18);
      add(0x80 | (point >> 12 & 0x3f));
    }
    add(0x80 | (point >> 6 & 0x3f));
  }
  add(0x80 | (point & 0x3f));
}

// The four digits that follow "\u" at `at`.
bool ReadUnit(absl::string_view json, size_t at, uint32_t& unit) {
  return at + 6 <= json.size() && json[at] == '\\' && json[at + 1] == 'u' &&
         absl::SimpleHexAtoi(json.substr(at + 2, 4), &unit);
}

// JSON with its escapes undone everywhere, since an error quotes what they stand for.
std::string WithoutEscapes(absl::string_view json) {
  std::string plain;
  plain.reserve(json.size());
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 == json.size()) {
      plain.push_back(json[i]);
      continue;
    }
    uint32_t unit = 0;
    uint32_t low = 0;
    if (!ReadUnit(json, i, unit)) {
      const char c = json[++i];
      plain.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
      continue;
    }
    i += 5;
    const bool pair = unit >= 0xd800 && unit < 0xdc00 && ReadUnit(json, i + 1, low) &&
                      low >= 0xdc00 && low < 0xe000;
    AppendUtf8(pair ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit, plain);
    if (pair) i += 6;
  }
  return plain;
}

// Marks what of `text` stands in `source` too, `run` bytes in a row at least. Takes time with the
// length of the source (Rabin and Karp), which may be megabytes; the text is short.
void MarkQuotations(absl::string_view text, absl::string_view source, size_t run,
                    std::vector<bool>& quoted) {
  if (run == 0 || text.size() < run || source.size() < run) return;
  constexpr uint64_t kBase = 0x9e3779b97f4a7c15;
  uint64_t highest = 1;
  for (size_t i = 1; i < run; ++i) highest *= kBase;
  const auto byte = [](char c) { return uint64_t{static_cast<unsigned char>(c)} + 1; };
  // Calls `found` with the place and hash of each run.
  const auto for_runs = [&](absl::string_view in, const auto& found) {
    uint64_t hash = 0;
    for (size_t i = 0; i < in.size(); ++i) {
      if (i >= run) hash -= byte(in[i - run]) * highest;
      hash = hash * kBase + byte(in[i]);
      if (i + 1 >= run) found(i + 1 - run, hash);
    }
  };
  std::bitset<4096> some;
  std::unordered_map<uint64_t, std::vector<size_t>> runs;  // where those of each hash stand
  for_runs(text, [&](size_t at, uint64_t hash) {
    some.set(hash >> 52);
    runs[hash].push_back(at);
  });
  for_runs(source, [&](size_t at, uint64_t hash) {
    if (!some.test(hash >> 52)) return;
    const auto same = runs.find(hash);
    if (same == runs.end()) return;
    // What is found is looked for no more: both may be one byte over and over.
    std::erase_if(same->second, [&](size_t place) {
      if (text.substr(place, run) != source.substr(at, run)) return false;
      std::fill_n(quoted.begin() + static_cast<ptrdiff_t>(place), run, true);
      return true;
    });
    if (same->second.empty()) runs.erase(same);
  });
}

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// A character that is quoted in part goes with the quotation.
std::string WithoutMarked(absl::string_view text, const std::vector<bool>& quoted) {
  std::string out;
  bool hiding = false;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    bool hidden = quoted[i];
    for (; end < text.size() && ContinuesCharacter(text[end]); ++end) hidden |= quoted[end];
    if (!hidden) {
      absl::StrAppend(&out, text.substr(i, end - i));
    } else if (!hiding) {
      out.append("…");
    }
    hiding = hidden;
    i = end;
  }
  return out;
}

}  // namespace

Secrets::Secrets(const Headers& headers, absl::string_view target, absl::string_view body,
                 absl::string_view open)
    : body_(body), open_(open) {
  for (const Header& header : headers) {
    if (!NamesCredential(header.name)) continue;
    if (absl::StrContains(absl::AsciiStrToLower(header.name), "cookie")) {
      for (const absl::string_view cookie : absl::StrSplit(header.value, ';')) {
        Add(cookie.substr(cookie.find('=') + 1));
      }
      continue;
    }
    // What precedes a space is the scheme.
    const size_t space = header.value.rfind(' ');
    Add(space == std::string::npos ? header.value : header.value.substr(space + 1));
  }
  const size_t query = target.find('?');
  if (query == target.npos) return;
  for (const absl::string_view member : absl::StrSplit(target.substr(query + 1), '&')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(member, absl::MaxSplits('=', 1));
    if (!NamesCredential(parts.first)) continue;
    Add(parts.second);
    Add(PercentDecoded(parts.second));
  }
}

void Secrets::Add(absl::string_view credential) {
  if (credential.size() >= kCredentialMin) credentials_.emplace_back(credential);
}

std::string Secrets::Mask(absl::string_view text) const {
  std::vector<bool> quoted(text.size());
  MarkQuotations(text, body_, kBodyRun, quoted);
  if (absl::StrContains(body_, '\\')) {
    MarkQuotations(text, WithoutEscapes(body_), kBodyRun, quoted);
  }
  for (size_t at = open_.empty() ? text.npos : text.find(open_); at != text.npos;
       at = text.find(open_, at + open_.size())) {
    std::fill_n(quoted.begin() + static_cast<ptrdiff_t>(at), open_.size(), false);
  }
  for (const std::string& credential : credentials_) {
    MarkQuotations(text, credential, std::min(kCredentialRun, credential.size()), quoted);
  }
  return WithoutMarked(text, quoted);
}

zai::Verdict Secrets::Mask(zai::Verdict verdict) const {
  if (!verdict.code.empty() && !verdict.known_code) verdict.code = Mask(verdict.code);
  if (verdict.message.empty()) return verdict;
  verdict.message = Mask(verdict.message);
  if (!verdict.known_code) verdict.message = Ellipsize(verdict.message, kUnknownTextMax);
  return verdict;
}

}  // namespace zbroker::gateway
