// The upstream's answer, looked at before it is passed on.
//
// An error may hide under any status, and in the first event of a stream. So an answer is kept back
// until it is known for what it is: a stream of events until the first that means something, JSON
// and errors until they are complete. Everything else passes as it comes. The bytes are never
// changed.
//
// Of MCP only answers to calls of tools are looked at: the streams by which a server speaks of its
// own accord, or goes on where another connection ended, pass from their head on, and may be silent
// for as long as both ends like.
#ifndef ZBROKER_SHIMS_GATEWAY_UPSTREAM_ANSWER_H_
#define ZBROKER_SHIMS_GATEWAY_UPSTREAM_ANSWER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/gateway/transfer.h"
#include "shims/zai/classify.h"
#include "shims/zai/encoding.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/signal.h"
#include "shims/zai/stream.h"
#include "shims/zai/usage.h"

namespace zbroker::gateway {

// Not thread-safe.
class UpstreamAnswer {
 public:
  // What is kept back at most. A larger document passes as it comes, and its usage is not read.
  static constexpr size_t kEventsKeptMax = 64 * 1024;
  static constexpr size_t kDocumentKeptMax = 4 * 1024 * 1024;
  static constexpr size_t kRefusalKeptMax = 8 * 1024 * 1024;

  // GLM-5.x thinks for ten minutes without a word. A connection that is dead ends sooner: see
  // CurlLoop.
  struct TimeOuts {
    absl::Duration first_byte = absl::Minutes(15);  // from the start to the head of the answer
    absl::Duration idle = absl::Minutes(15);        // between two pieces of it
  };

  // Starts the request. The arguments must outlive this.
  UpstreamAnswer(CurlLoop& loop, Wakeup& changed, const zai::Endpoint& endpoint,
                 const UpstreamRequest& request, const TimeOuts& time_outs);

  // Takes in what has come. Call it after each wakeup, and at next_deadline() at the latest.
  void Advance(absl::Time now);
  LoopTime next_deadline() const { return deadline_; }

  // It is known what the answer is; all below is valid from then on.
  bool ready() const { return ready_; }

  // There was a head: not if the upstream could not be reached, or was silent for too long.
  bool has_head() const { return transfer_.has_head(); }
  int status() const { return transfer_.status(); }
  const std::string& reason() const { return transfer_.reason(); }
  const Headers& headers() const { return transfer_.headers(); }
  std::optional<uint64_t> length() const { return transfer_.length(); }
  bool is_event_stream() const { return form_ == Form::kEvents; }
  // A stream that, cut off, its client takes up again where it ended.
  bool resumable() const { return form_ == Form::kEvents && watcher_.resumable(); }
  // What the answer says of the request. Mid-stream errors show up later.
  const zai::Verdict& verdict() const { return verdict_; }

  // What the answer's bytes are encoded with, by its header or its bytes; null: they read as they
  // are, or nobody here can read them.
  std::unique_ptr<zai::Decoder> MakeDecoder() const { return zai::Decoder::Create(encoding_); }
  // The body as it reads, of a whole answer.
  std::string PlainBody() const;
  // The Content-Encoding of a body that could not be read; empty: it could, or need not be.
  absl::string_view unreadable() const { return unreadable_; }
  // Says that it is of no use to its client, though nothing is wrong with it.
  void Disown(absl::string_view message) { Blame(message); }

  // Takes in what has come although nobody takes it: usage and errors up to here are known then.
  // The answer is of no use beyond that.
  void GiveUp(absl::Time now);
  // `closed` is called, when this object is gone before the answer's end, as soon as the upstream
  // is seen to be at work on it no more, if it is.
  void TellWhenClosed(Farewells::Closed closed) { transfer_.TellWhenClosed(std::move(closed)); }

  // The bytes that have come and were not taken.
  std::string Take();
  // A stream in which the protocol's own end has been seen; more may come.
  bool complete() const { return form_ == Form::kEvents && watcher_.complete(); }
  bool empty() const { return kept_.empty() && !transfer_.has_body(); }
  // A stream of which nothing has come that means anything.
  bool only_begun() const { return form_ == Form::kEvents && !watcher_.decided(); }
  // The upstream has sent everything, and all of it was taken in by Advance.
  bool finished() const { return finished_; }
  // The whole body is here, untaken: its size is that of kept().
  bool is_whole() const { return finished_ && result_.ok() && !taken_; }
  const std::string& kept() const { return kept_; }
  // How it ended. REQUIRES: finished(). An event stream without its end ends badly.
  const absl::Status& result() const { return result_; }

  // The first byte of the answer; empty before it has come.
  std::optional<LoopTime> first_byte() const { return first_byte_; }
  const zai::Served& served() const { return served_; }
  const zai::Usage& usage() const { return served_.usage; }

 private:
  // kUnsaid: the header says nothing of use, the first bytes will.
  enum class Form { kUnknown, kUnsaid, kEvents, kDocument, kOpaque };

  Form FormOf() const;
  bool IsPage() const;
  // The bytes as they mean; in `plain` if they are encoded. Notes by what.
  absl::string_view Readable(absl::string_view bytes, std::string* plain);
  bool IsUnreadable() const;
  void Recognise(absl::string_view beginning);
  // Takes in the bytes that the transfer has.
  void TakeIn(absl::Time now);
  void Judge(absl::Time now);
  void JudgeDocument(absl::Time now);
  // Of an answer that does not call itself an error. `body`: as it reads.
  void LookForFlaws(absl::string_view body);
  // Somebody else than a model's server gave it.
  void BlameForeign();
  // Lets the watcher see a piece of a stream.
  void Watch(absl::string_view bytes, absl::Time now);
  // What is wrong with it though it may look well.
  void Blame(absl::string_view message);
  void Finish(const absl::Status& result);
  void FinishEvents();

  const zai::Endpoint endpoint_;
  const TimeOuts time_outs_;
  Transfer transfer_;
  zai::StreamWatcher watcher_;
  Form form_ = Form::kUnknown;
  bool recognised_ = false;  // the first bytes have been looked at
  bool ready_ = false;
  bool taken_ = false;
  bool finished_ = false;
  LoopTime deadline_;
  std::string kept_;
  zai::Verdict verdict_;
  zai::Served served_;
  std::string encoding_;                   // of the body; empty: none that could be undone
  std::unique_ptr<zai::Decoder> decoder_;  // of a stream of that encoding
  std::string unreadable_;
  absl::Status result_;
  std::optional<LoopTime> first_byte_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_UPSTREAM_ANSWER_H_
