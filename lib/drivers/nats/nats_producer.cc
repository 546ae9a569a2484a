#include "nats_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "session.h"
#include "spate/drivers/naming.h"
#include "spate/error.h"

namespace spate::drivers::nats {
namespace {

// The library buffers without bounds; beyond so much we do not.
constexpr std::size_t kMostUnwrittenBytes = 1 << 18;
constexpr std::size_t kLongestNumber = 20;

std::string reply_prefix(const NatsRun& run, WorkerId worker) {
  return fmt::format("_INBOX.{}.answer.{}.", run.name, worker);
}

// {"stream":"…","seq":1}, or {"error":{…},…}
bool is_positive(std::string_view answer) { return answer.starts_with("{\"stream\":"); }

// Of one that is not: {"error":{…,"description":"…"},…}. The rest differs by stream.
std::string_view reason_of(std::string_view answer) {
  constexpr std::string_view kBefore = R"("description":")";
  const std::size_t at = answer.find(kBefore);
  if (at == std::string_view::npos) {
    return answer;
  }
  const std::string_view reason = answer.substr(at + kBefore.size());
  return reason.substr(0, reason.find('"'));
}

// Listens where the answers to a worker's messages are to go.
class ConnectAnswers {
 public:
  ConnectAnswers(const NatsRun& run, WorkerId worker) : run_(run), worker_(worker) {}

  std::unique_ptr<Wire> operator()(const Attempt& attempt) {
    if (attempt.one_of_many) {
      expect_streams(attempt);
    }
    return std::make_unique<Wire>(run_.address, run_.timeout_ns, attempt,
                                  std::vector{reply_prefix(run_, worker_) + "*"});
  }

 private:
  // Those that a server has not kept, its readers make anew: until then nothing can be sent.
  void expect_streams(const Attempt& attempt) {
    Session session(run_.address, attempt);
    for (const Place& place : run_.places) {
      if (!session.has_stream(place.stream, place.subject)) {
        throw Error(
            fmt::format("nats: the server came back without the stream {}, which its "
                        "reader has not made anew",
                        place.stream));
      }
    }
  }

  const NatsRun& run_;
  WorkerId worker_;
};

}  // namespace

NatsProducer::NatsProducer(const NatsRun& run, WorkerId worker)
    : run_(run),
      link_({ConnectAnswers(run, worker), {run.envelope.run_key(), Backoff::Of::producer, worker}},
            run.timeout_ns, fmt::format("sending, worker {}", worker), run.troubles),
      outstanding_(run.capacity),
      body_(run.envelope.buffer_bytes()),
      reply_(reply_prefix(run, worker)),
      reply_prefix_(reply_.size()) {
  reply_.resize(reply_prefix_ + kLongestNumber + 1);
}

std::size_t NatsProducer::try_send(std::span<const Message> batch) noexcept {
  const std::span<const Message> taken = batch.first(std::min(batch.size(), outstanding_.room()));
  if (!link_.up()) {
    return link_.given_up() ? outstanding_.refuse(taken) : 0;
  }
  std::size_t count = 0;
  while (count < taken.size() && link_.wire().unwritten_bytes() < kMostUnwrittenBytes) {
    publish(taken[count++]);
  }
  link_.write();
  return count;
}

void NatsProducer::publish(const Message& message) noexcept {
  char* const number = reply_.data() + reply_prefix_;
  const std::uint64_t added = outstanding_.add(message);
  *std::to_chars(number, number + kLongestNumber, added).ptr = '\0';
  const std::size_t size = run_.envelope.write(message, body_.data());
  if (!link_.wire().publish(run_.places[place_of(message, run_.workers)].subject.c_str(),
                            reply_.c_str(), std::span(body_).first(size))) {
    link_.say("a message is longer than the server takes since it came back");
    outstanding_.settle(added, Outcome::rejected);
  }
}

std::size_t NatsProducer::poll(std::span<Settlement> out) noexcept {
  const std::int64_t now_ns = SteadyClock{}.now_ns();
  if (link_.tend(now_ns)) {
    outstanding_.settle_below(outstanding_.end(), Outcome::unknown);
    unheard_ = 0;
  }
  if (link_.up()) {
    while (const Incoming answer = link_.wire().next(0)) {
      settle(*answer);
    }
    take_unheard();
    expire(now_ns);
  }
  link_.write();
  return outstanding_.collect(out);
}

void NatsProducer::settle(const natsMsg& answer) noexcept {
  heard_ = true;
  const std::string_view subject = natsMsg_GetSubject(&answer);
  const std::string_view text(natsMsg_GetData(&answer),
                              static_cast<std::size_t>(natsMsg_GetDataLength(&answer)));
  std::uint64_t number = 0;
  const char* const end = subject.data() + subject.size();
  if (std::from_chars(subject.data() + reply_prefix_, end, number).ptr != end) {
    return;
  }
  const bool positive = is_positive(text);
  if (!positive) {
    link_.say(fmt::format("the stream refused a message: {}", reason_of(text)));
  }
  outstanding_.settle(number, positive ? Outcome::acked : Outcome::rejected);
}

// An answer of the server itself, which the library does not hand on: which message it was of is
// not to be known, so that it can only be waited for.
void NatsProducer::take_unheard() noexcept {
  const std::size_t messages = link_.wire().take_unheard();
  for (std::size_t message = 0; message < messages; ++message) {
    link_.say("there is no stream any more for a message: it will be unknown");
  }
  unheard_ += messages;
  heard_ = heard_ || messages > 0;
}

void NatsProducer::expire(std::int64_t now_ns) noexcept {
  if (now_ns < expire_at_ns_) {
    return;
  }
  expire_at_ns_ = now_ns + run_.timeout_ns;
  const bool heard = std::exchange(heard_, false);
  const std::size_t open = outstanding_.open();
  outstanding_.settle_below(std::exchange(expiring_end_, outstanding_.end()), Outcome::unknown);
  const std::size_t expired = open - outstanding_.open();
  const std::size_t unheard = std::min(unheard_, expired);
  unheard_ -= unheard;
  if (expired == unheard) {
    return;
  }
  if (heard) {
    link_.say("messages had no answer within the timeout, though others had");
  } else {
    link_.lose(link_.wire().complaint_or("it does not answer"));
  }
}

}  // namespace spate::drivers::nats
