#include "redis_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "commands.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::redis {
namespace {

// XADD stream NOMKSTREAM * m <body>: all but the body's length and the body. A stream that is gone
// while the connection holds, with the group that reads it, is not made anew: somebody removed it,
// and nobody would read it.
std::string xadd_beginning(const std::string& stream) {
  std::string text;
  begin_command(text, 6);
  for (const std::string_view word :
       {std::string_view("XADD"), std::string_view(stream), std::string_view("NOMKSTREAM"),
        std::string_view("*"), kField}) {
    append_word(text, word);
  }
  return text;
}

}  // namespace

RedisProducer::RedisProducer(const RedisRun& run, WorkerId worker)
    : run_(run),
      link_(run, run.streams, fmt::format("sending, worker {}", worker),
            {run.envelope.run_key(), Backoff::Of::producer, worker}),
      outstanding_(run.capacity),
      body_(run.envelope.buffer_bytes()) {
  for (const std::string& stream : run.streams) {
    beginnings_.push_back(xadd_beginning(stream));
  }
}

std::size_t RedisProducer::try_send(std::span<const Message> batch) noexcept {
  const std::span<const Message> taken = batch.first(std::min(batch.size(), outstanding_.room()));
  if (!link_.up()) {
    return link_.given_up() ? outstanding_.refuse(taken) : 0;
  }
  for (const Message& message : taken) {
    outstanding_.add(message);
    append_xadd(message);
  }
  if (!taken.empty()) {
    link_.send(taken.size());
  }
  return taken.size();
}

void RedisProducer::append_xadd(const Message& message) noexcept {
  const std::size_t size = run_.envelope.write(message, body_.data());
  std::string& out = link_.outbox();
  out += beginnings_[place_of(message, run_.workers)];
  append_word(out, {reinterpret_cast<const char*>(body_.data()), size});
}

std::size_t RedisProducer::poll(std::span<Settlement> out) noexcept {
  if (link_.tend(SteadyClock{}.now_ns())) {
    outstanding_.settle_below(outstanding_.end(), Outcome::unknown);
  }
  while (const Reply reply = link_.receive()) {
    settle_oldest(*reply);
  }
  return outstanding_.collect(out);
}

void RedisProducer::settle_oldest(const redisReply& reply) noexcept {
  const bool gone = reply.type == REDIS_REPLY_NIL;
  const bool refused = gone || reply.type == REDIS_REPLY_ERROR;
  if (refused) {
    run_.troubles.add(gone ? "redis: XADD was refused: the stream is gone"
                           : fmt::format("redis: XADD was refused: {}; {}", text_of(reply),
                                         advice(text_of(reply))));
  }
  outstanding_.settle(outstanding_.begin(), refused ? Outcome::rejected : Outcome::acked);
}

}  // namespace spate::drivers::redis
