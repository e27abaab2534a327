#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_ANSWER_WRITER_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_ANSWER_WRITER_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/fields.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "tests/testing/upstream/messages.h"
#include "tests/testing/upstream/service_model.h"

namespace zbroker::testing {

// Completes an operation with (error_code, …) instead of throwing.
//
// Beware: g++ 12 miscompiles `if (!co_await …)` and `co_await F(a ? b : c)`: the coroutine's frame
// is corrupted. What is tested or chosen gets a name first: `if (const bool ok = co_await …; !ok)`.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

// A complete answer that takes no time.
struct PlainAnswer {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  boost::beast::http::fields headers;  // besides those of the type and the length
};

// False when the connection is of no more use. `keep_alive`: whether to say that it stays open.
boost::asio::awaitable<bool> WritePlain(boost::asio::ip::tcp::socket& socket, PlainAnswer answer,
                                        bool keep_alive);

// Writes the answer to one model request, as its admission says and at its pace, and tells the
// model when it is over. References must outlive Run(). One thread only.
class AnswerWriter {
 public:
  AnswerWriter(boost::asio::ip::tcp::socket& socket, ServiceModel& model, const Clock& clock,
               const Exchange& exchange, const Admission& admission)
      : socket_(socket),
        model_(model),
        clock_(clock),
        exchange_(exchange),
        admission_(admission),
        script_(admission.script) {}

  // False when the connection is of no more use. Cancellation ends it at the next wait or write;
  // the service is then still to be ended by the caller, as it is after a failed write.
  boost::asio::awaitable<bool> Run();

 private:
  boost::asio::awaitable<bool> WriteError();
  boost::asio::awaitable<bool> WriteGarbage();
  boost::asio::awaitable<bool> WriteWhole();
  boost::asio::awaitable<bool> WriteHalf(const PlainAnswer& answer);
  boost::asio::awaitable<bool> WriteStream();
  boost::asio::awaitable<bool> WriteStreamHeader();
  boost::asio::awaitable<bool> WriteStreamPiece(std::string piece);
  boost::asio::awaitable<bool> WriteStreamEnd(std::string piece);
  // False when cancelled.
  boost::asio::awaitable<bool> Pause(absl::Duration length);

  void SetRetryAfter(boost::beast::http::fields& headers) const;
  ProviderError ErrorOf(const std::string& code) const;
  Outcome OutcomeOfOrdinaryAnswer() const;
  void End(Outcome outcome);
  // Ends the connection with a TCP reset.
  void Reset();

  boost::asio::ip::tcp::socket& socket_;
  ServiceModel& model_;
  const Clock& clock_;
  const Exchange& exchange_;
  const Admission& admission_;
  const ScriptedAnswer& script_;
};

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_ANSWER_WRITER_H_
