#include "redis_consumer.h"

#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::redis {
namespace {

// So long a request waits at the server for something to come; then it is made anew.
constexpr std::int64_t kWaitMs = 500;

bool is_array(const redisReply& reply, std::size_t least) {
  return reply.type == REDIS_REPLY_ARRAY && reply.elements >= least;
}

// The value of our field; null where there is none: somebody else's entry.
const redisReply* value_of(const redisReply& fields) {
  if (fields.type == REDIS_REPLY_ARRAY) {
    for (std::size_t at = 0; at + 1 < fields.elements; at += 2) {
      if (text_of(*fields.element[at]) == kField) {
        return fields.element[at + 1];
      }
    }
  }
  return nullptr;
}

}  // namespace

RedisConsumer::RedisConsumer(const RedisRun& run, WorkerId worker)
    : run_(run),
      link_(run, std::span(run.streams).subspan(worker * kLanes, kLanes),
            fmt::format("receiving, worker {}", worker),
            {run.envelope.run_key(), Backoff::Of::consumer, worker}) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    streams_[lane] = run.streams[worker * kLanes + lane];
    entries_[lane].reserve(kMostEntries);
  }
  const std::string name = fmt::format("worker-{}", worker);
  new_request_ = request_from(name, ">");
  catch_up_request_ = request_from(name, "0");
  link_.allow_waiting(kWaitMs * 1'000'000);
}

std::string RedisConsumer::request_from(std::string_view name, std::string_view id) const {
  std::string command;
  append_command(command, "XREADGROUP", "GROUP", run_.group, name, "COUNT",
                 fmt::to_string(kMostEntries), "BLOCK", fmt::to_string(kWaitMs), "STREAMS",
                 streams_[0], streams_[1], id, id);
  return command;
}

std::size_t RedisConsumer::try_receive(std::span<Received> out) noexcept {
  if (handed_over_ == entries_[0].size() + entries_[1].size() && !requested_ && link_.up()) {
    acknowledge();
    request();
  }
  if (link_.tend(SteadyClock{}.now_ns())) {
    requested_ = false;
    acks_to_come_ = 0;
    catching_up_ = true;
  }
  while (Reply reply = link_.receive()) {
    if (acks_to_come_ > 0) {
      --acks_to_come_;
    } else {
      take(std::move(reply));
    }
  }
  return hand_over(out);
}

void RedisConsumer::request() noexcept {
  link_.outbox() += catching_up_ ? catch_up_request_ : new_request_;
  link_.send(acks_to_come_ + 1);
  requested_ = true;
}

void RedisConsumer::acknowledge() noexcept {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (entries_[lane].empty()) {
      continue;
    }
    std::string& out = link_.outbox();
    begin_command(out, 3 + entries_[lane].size());
    append_word(out, "XACK");
    append_word(out, streams_[lane]);
    append_word(out, run_.group);
    for (const Entry& entry : entries_[lane]) {
      append_word(out, entry.id);
    }
    // All before it were acknowledged earlier, as there is one consumer, which reads in order. "~":
    // only whole nodes of the stream, which costs next to nothing.
    append_command(out, "XTRIM", streams_[lane], "MINID", "~", entries_[lane].back().id);
    acks_to_come_ += 2;
    entries_[lane].clear();
  }
  handed_over_ = 0;
  reply_.reset();
}

void RedisConsumer::take(Reply reply) noexcept {
  requested_ = false;
  if (reply->type == REDIS_REPLY_ERROR && text_of(*reply).starts_with("NOGROUP")) {
    link_.give_up(fmt::format("the stream or its group is gone: {}", text_of(*reply)));
    return;
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    run_.troubles.add(fmt::format("redis: XREADGROUP was refused: {}; {}", text_of(*reply),
                                  advice(text_of(*reply))));
    return;
  }
  reply_ = std::move(reply);
  if (reply_->type == REDIS_REPLY_ARRAY) {
    for (std::size_t at = 0; at < reply_->elements; ++at) {
      take_stream(*reply_->element[at]);
    }
  }
  // An empty answer says that nothing is left of what was under way.
  if (entries_[0].empty() && entries_[1].empty()) {
    catching_up_ = false;
  }
}

// [name, [entry, …]]
void RedisConsumer::take_stream(const redisReply& stream) noexcept {
  if (!is_array(stream, 2) || !is_array(*stream.element[1], 1)) {
    return;
  }
  const std::size_t lane = text_of(*stream.element[0]) == streams_[0] ? 0 : 1;
  const redisReply& list = *stream.element[1];
  for (std::size_t at = 0; at < list.elements; ++at) {
    entries_[lane].push_back(entry_of(*list.element[at]));
  }
}

// [id, [field, value, …]]
RedisConsumer::Entry RedisConsumer::entry_of(const redisReply& raw) const noexcept {
  if (!is_array(raw, 2)) {
    return {{}, run_.envelope.read({})};
  }
  const redisReply* const value = value_of(*raw.element[1]);
  const std::string_view bytes = value == nullptr ? std::string_view{} : text_of(*value);
  return {text_of(*raw.element[0]), run_.envelope.read(std::as_bytes(std::span(bytes)))};
}

std::size_t RedisConsumer::hand_over(std::span<Received> out) noexcept {
  std::size_t count = 0;
  const std::size_t urgent = entries_[0].size();
  const std::size_t all = urgent + entries_[1].size();
  while (count < out.size() && handed_over_ < all) {
    const std::size_t at = handed_over_++;
    out[count++] = (at < urgent ? entries_[0][at] : entries_[1][at - urgent]).received;
  }
  return count;
}

}  // namespace spate::drivers::redis
