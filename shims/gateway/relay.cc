// An exchange's answer, on its way to the client.
#include <utility>

#include "absl/strings/str_cat.h"
#include "shims/gateway/client_head.h"
#include "shims/gateway/exchange.h"
#include "shims/zai/reply.h"

namespace zbroker::gateway {
namespace {

// What one piece of an encoded stream, up to 256 KiB, may mean at most.
constexpr size_t kPieceBytesMax = size_t{16} * 1024 * 1024;
constexpr absl::string_view kUndecodable = "the upstream's encoding could not be undone";

}  // namespace

awaitable<void> Exchange::Relay(UpstreamAnswer& answer) {
  const bool nothing = answer.empty() || answer.only_begun();
  if (!answer.has_head() || (answer.finished() && !answer.result().ok() && nothing)) {
    // Nothing of an answer, or only its beginning.
    const absl::Status& result = answer.result();
    EndLease(answer);
    const int status = absl::IsDeadlineExceeded(result) ? 504 : 502;
    const std::string message =
        absl::StrCat("zbroker: ", service_.options.upstream.text(), ": ", result.message());
    co_await AnswerError({.http_status = status, .message = message}, {});
    co_return;
  }
  if (responder_.begun() && !answer.is_event_stream()) co_return co_await RelayAsEvents(answer);
  if (NeedsOwnWords(answer)) {
    EndLease(answer);
    co_await Reword(answer);
    co_return;
  }
  // Its head has gone out before anybody knew how the upstream encodes.
  if (responder_.begun()) decoder_ = answer.MakeDecoder();
  BeginRelay(answer);
  const bool relayed = co_await RelayBody(answer);
  if (relayed) {
    co_await EndRelay(answer);
  } else {
    NoteFate("client left in the middle");
  }
}

awaitable<bool> Exchange::RelayBody(UpstreamAnswer& answer) {
  for (;;) {
    std::string bytes = answer.Take();
    if (!Decode(&bytes)) {
      answer.Disown(kUndecodable);
      EndLease(answer);
      NoteFate(kUndecodable);
      co_await EndWithError({.http_status = 502, .message = kUndecodable});
      co_return false;
    }
    if (answer.finished()) {
      // The slot is free as soon as the upstream is done, however slowly the client reads; but what
      // the client can get at once it gets before.
      if (answer.result().ok()) responder_.SendLast(bytes);
      EndLease(answer);
      if (answer.result().ok() || bytes.empty()) co_return true;
    }
    const bool written = co_await responder_.Write(bytes);
    if (!written) co_return false;
    if (answer.finished()) co_return true;
    if (bytes.empty()) {
      co_await changed_.Wait(answer.next_deadline());
      if (watch_.gone()) co_return false;
    }
    answer.Advance(service_.clock.Read().wall);
  }
}

bool Exchange::Decode(std::string* bytes) {
  if (decoder_ == nullptr) return true;
  std::string plain;
  const bool fine = decoder_->Feed(*bytes, kPieceBytesMax, &plain).ok();
  *bytes = std::move(plain);
  return fine;
}

void Exchange::BeginRelay(const UpstreamAnswer& answer) {
  if (responder_.begun()) return;
  Head head =
      HeadForClient(answer, service_.options, inspection_.needs_slot, service_.clock.Read().wall);
  for (Header& header : OwnHeaders()) head.headers.push_back(std::move(header));
  std::optional<uint64_t> length = answer.length();
  if (!length.has_value() && answer.is_whole() && !request_.wants.head_only) {
    length = answer.kept().size();
  }
  status_ = head.status;
  responder_.Begin(head, length);
}

awaitable<void> Exchange::EndRelay(UpstreamAnswer& answer) {
  if (answer.result().ok()) {
    const bool sent = co_await responder_.End();
    if (!sent) NoteFate("client left in the middle");
    co_return;
  }
  NoteFate("the upstream broke off");
  // Who may take it up again must not take an end of ours for the answer.
  if (answer.is_event_stream() && !answer.resumable()) {
    co_await EndWithError({.http_status = 502, .message = answer.result().message()});
  }
}

}  // namespace zbroker::gateway
