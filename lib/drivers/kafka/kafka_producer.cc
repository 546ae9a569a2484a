#include "kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>

#include "spate/clock.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::kafka {
namespace {

// Messages that are handed to the library at once, of which it makes copies.
constexpr std::size_t kMostInBatch = 64;
constexpr std::size_t kMostBodyBytes = 1 << 20;
constexpr int kLeastTimeoutMs = 10;  // it must be longer than what it waits for more messages

std::size_t batch_size(const Envelope& envelope) {
  return std::clamp<std::size_t>(kMostBodyBytes / envelope.buffer_bytes(), 1, kMostInBatch);
}

// So long the library waits for more before it sends what there is: not at all. What comes while
// kMostRequests are under way goes together all the same. But a stand-in seeks what is read in a
// list of all that was sent together, and is too slow when that is a few messages each; where there
// is room for no more than that, nothing is gained by waiting.
constexpr std::uint32_t kStandInsBatch = 96;
constexpr int kMostRequests = 5;  // more than that idempotence does not allow

const char* linger_ms(const KafkaRun& run) {
  return run.backlog != nullptr && run.capacity > kStandInsBatch ? "1" : "0";
}

// So many are sent at once, without waiting for more; over a cluster as many as the library allows
// by itself.
std::string batch_messages(const KafkaRun& run) {
  return run.backlog != nullptr ? fmt::to_string(kStandInsBatch) : "10000";
}

// Beyond the library's own million: what a message has around it.
std::string most_bytes(const Envelope& envelope) {
  return fmt::to_string(std::max<std::size_t>(1'000'000, envelope.max_bytes() + 1024));
}

std::string reason_of(rd_kafka_resp_err_t code) {
  return fmt::format("{}{}", rd_kafka_err2str(code),
                     code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT
                         ? " (the library tries again until then, and does not tell why: away, too "
                           "few replicas in sync, a full disk)"
                         : "");
}

// Its opaque pointer says where that stands.
std::uint64_t number_of(const rd_kafka_message_t& message) {
  return *static_cast<const std::uint64_t*>(message._private);
}

}  // namespace

// --- Reports ---

void Reports::failed(rd_kafka_resp_err_t code, const std::string& text) noexcept {
  if (given_up_) {
    return;  // the library goes on trying, and nobody waits for it
  }
  WritesDown::failed(code, text);
  ended_ = ended_ || code == RD_KAFKA_RESP_ERR__FATAL;
  if (is_lost(code, text) && !away()) {
    away_since_ns_ = SteadyClock{}.now_ns();
    missed_ = false;
  }
}

void Reports::ended(const rd_kafka_message_t& message) noexcept {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    away_since_ns_ = kNever;
    outstanding_.settle(number_of(message), Outcome::acked);
    return;
  }
  missed_ = true;
  if (message.err > RD_KAFKA_RESP_ERR_NO_ERROR) {
    away_since_ns_ = kNever;  // it is a broker that says so
  }
  // Certainly not there, or perhaps.
  const bool refused = rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  troubles().add(fmt::format("kafka: a message {}: {}",
                             refused ? "was not taken" : "may not have been taken",
                             reason_of(message.err)));
  if (refused) {
    run_.forget(message);
  }
  outstanding_.settle(number_of(message), refused ? Outcome::rejected : Outcome::unknown);
}

bool Reports::is_too_late(std::int64_t now_ns) noexcept {
  if (!away()) {
    return false;
  }
  if (outstanding_.open() == 0 && !missed_) {
    away_since_ns_ = now_ns;  // nothing was tried since: nobody knows whether they are there
  }
  return now_ns - away_since_ns_ > run_.connection.timeout_ns;
}

bool Reports::give_up(std::int64_t now_ns) noexcept {
  if (given_up_) {
    return false;
  }
  const bool too_late = is_too_late(now_ns);
  if (too_late) {
    troubles().give_up(fmt::format("kafka: the brokers did not come back within {} s",
                                   static_cast<double>(run_.connection.timeout_ns) / 1e9));
  } else if (ended_) {
    troubles().give_up("kafka: the library sends no more");
  }
  given_up_ = too_late || ended_;
  return given_up_;
}

// --- KafkaProducer ---

KafkaProducer::KafkaProducer(const KafkaRun& run)
    : run_(run),
      reports_(std::make_unique<Reports>(run)),
      client_(RD_KAFKA_PRODUCER, run.connection, run_setup_ns(run.connection),
              {{"acks", run.durability.acks},
               {"enable.idempotence", run.durability.idempotence == "yes" ? "true" : "false"},
               {"max.in.flight", fmt::to_string(kMostRequests)},
               {"linger.ms", linger_ms(run)},
               {"batch.num.messages", batch_messages(run)},
               {"message.timeout.ms",
                fmt::to_string(std::max(milliseconds(run.connection.timeout_ns), kLeastTimeoutMs))},
               // Of a batch that it refuses, the library counts the messages for ever.
               {"queue.buffering.max.messages", fmt::to_string(run.capacity + kMostInBatch)},
               {"message.max.bytes", most_bytes(run.envelope)}},
              *reports_),
      topic_(client_.topic(run.name)),
      numbers_(run.capacity),
      batch_(batch_size(run.envelope)),
      bodies_(batch_.size() * run.envelope.buffer_bytes()) {
  for (std::size_t place = 0; place < run.workers * kLanes; ++place) {
    client_.reach(run.name, static_cast<std::int32_t>(place));
  }
}

std::size_t KafkaProducer::try_send(std::span<const Message> batch) noexcept {
  const std::size_t most = std::min(batch.size(), reports_->outstanding().room());
  if (reports_->given_up()) {
    return reports_->outstanding().refuse(batch.first(most));
  }
  std::size_t sent = 0;
  for (bool more = true; more && sent < most;) {
    std::size_t count = std::min(most - sent, batch_.size());
    if (reports_->away()) {
      // One at a time finds out whether a broker is there again: the library does not tell.
      count = reports_->outstanding().open() > 0 ? 0 : 1;
    }
    const std::size_t taken = produce(batch.subspan(sent, count));
    sent += taken;
    more = taken == batch_.size();
  }
  return sent;
}

// Returns how many were taken, from the front.
std::size_t KafkaProducer::produce(std::span<const Message> messages) noexcept {
  const std::size_t count = fill(messages);
  if (count == 0) {
    return 0;
  }
  hand_over(std::span(batch_).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_message_t& message = batch_[i];
    if (message.err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      give_back(std::span(batch_).subspan(i, count - i));
      return i;
    }
    const std::uint64_t number = reports_->outstanding().add(messages[i]);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      one_by_one_ = true;
      run_.troubles.add(
          fmt::format("kafka: a message was not taken: {}", rd_kafka_err2str(message.err)));
      give_back({&message, 1});
      reports_->outstanding().settle(number, Outcome::rejected);
    }
  }
  return count;
}

// To the library, which says in each message whether it has taken it.
void KafkaProducer::hand_over(std::span<rd_kafka_message_t> messages) noexcept {
  if (!one_by_one_) {
    rd_kafka_produce_batch(topic_.get(), 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION,
                           messages.data(), static_cast<int>(messages.size()));
    return;
  }
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (rd_kafka_message_t& message : messages) {
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL &&
        rd_kafka_produce(topic_.get(), message.partition, RD_KAFKA_MSG_F_COPY, message.payload,
                         message.len, nullptr, 0, message._private) != 0) {
      error = rd_kafka_last_error();
      message.err = error;
    } else {
      message.err = error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? error : RD_KAFKA_RESP_ERR_NO_ERROR;
    }
  }
}

// Returns how many there is room for.
std::size_t KafkaProducer::fill(std::span<const Message> messages) noexcept {
  const std::uint64_t first_number = reports_->outstanding().end();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::byte* const body = bodies_.data() + i * run_.envelope.buffer_bytes();
    const std::size_t place = place_of(messages[i], run_.workers);
    batch_[i] = {};
    batch_[i].partition = static_cast<std::int32_t>(place);
    batch_[i].payload = body;
    batch_[i].len = run_.envelope.write(messages[i], body);
    batch_[i]._private = remember(first_number + i);
    if (run_.backlog != nullptr) {
      if (!run_.backlog->admits(place, batch_[i].len)) {
        return i;
      }
      run_.backlog->add(place, batch_[i].len);
    }
  }
  return messages.size();
}

// No open message has its place among the numbers: there is one for each that there is room for.
std::uint64_t* KafkaProducer::remember(std::uint64_t number) noexcept {
  std::uint64_t& place = numbers_[number % numbers_.size()];
  place = number;
  return &place;
}

// What never came to be on its way.
void KafkaProducer::give_back(std::span<const rd_kafka_message_t> messages) noexcept {
  for (const rd_kafka_message_t& message : messages) {
    run_.forget(message);
  }
}

std::size_t KafkaProducer::poll(std::span<Settlement> out) noexcept {
  client_.poll();
  if (reports_->give_up(SteadyClock{}.now_ns())) {
    // Ends what is under way as if its time were up.
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
  }
  return reports_->outstanding().collect(out);
}

}  // namespace spate::drivers::kafka
