#include "kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>

#include "spate/clock.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::kafka {
namespace {

// So long a broker's thread waits for more before it sends what there is: not at all. What comes
// while it is sending goes together all the same.
constexpr const char* kLingerMs = "0";

// Beyond the library's own million: what a message has around it.
std::string most_bytes(const Envelope& envelope) {
  return fmt::to_string(std::max<std::size_t>(1'000'000, envelope.max_bytes() + 1024));
}

// The number travels as the library's opaque pointer.
void* opaque_of(std::uint64_t number) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
}
std::uint64_t number_of(const rd_kafka_message_t& message) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(message._private));
}

}  // namespace

// --- Reports ---

void Reports::failed(rd_kafka_resp_err_t /*code*/, const std::string& text) noexcept {
  if (given_up_) {
    return;  // it goes on trying, and nobody waits for it
  }
  run_.troubles.add(fmt::format("kafka: {}: {}", purpose_, text));
  if (!away()) {
    away_since_ns_ = SteadyClock{}.now_ns();
  }
}

void Reports::ended(const rd_kafka_message_t& message) noexcept {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    away_since_ns_ = kNever;
    outstanding_.settle(number_of(message), Outcome::acked);
    return;
  }
  // Certainly not there, or perhaps.
  const bool refused = rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  run_.troubles.add(fmt::format("kafka: {}: a message {}: {}", purpose_,
                                refused ? "was not taken" : "may not have been taken",
                                rd_kafka_err2str(message.err)));
  outstanding_.settle(number_of(message), refused ? Outcome::rejected : Outcome::unknown);
}

bool Reports::give_up(std::int64_t now_ns) noexcept {
  if (given_up_ || !away() || now_ns - away_since_ns_ <= run_.connection.timeout_ns) {
    return false;
  }
  run_.troubles.add(
      fmt::format("kafka: {}: no broker came back within {} s; what was still to be "
                  "sent was rejected",
                  purpose_, static_cast<double>(run_.connection.timeout_ns) * 1e-9));
  given_up_ = true;
  return true;
}

// --- KafkaProducer ---

KafkaProducer::KafkaProducer(const KafkaRun& run, WorkerId worker)
    : run_(run),
      reports_(std::make_unique<Reports>(run, fmt::format("sending, worker {}", worker))),
      client_(RD_KAFKA_PRODUCER, run.connection,
              {{"acks", run.durability.acks},
               {"enable.idempotence", run.durability.idempotence == "yes" ? "true" : "false"},
               {"linger.ms", kLingerMs},
               {"message.timeout.ms", fmt::to_string(milliseconds(run.connection.timeout_ns))},
               {"queue.buffering.max.messages", fmt::to_string(run.capacity)},
               {"message.max.bytes", most_bytes(run.envelope)}},
              *reports_),
      body_(run.envelope.buffer_bytes()) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    topics_[lane] = client_.topic(run.topics[lane]);
    for (WorkerId receiver = 0; receiver < run.workers; ++receiver) {
      client_.reach(run.topics[lane], static_cast<std::int32_t>(receiver));
    }
  }
}

std::size_t KafkaProducer::try_send(std::span<const Message> batch) noexcept {
  Outstanding& outstanding = reports_->outstanding();
  std::span<const Message> taken = batch.first(std::min(batch.size(), outstanding.room()));
  if (reports_->given_up()) {
    return refuse(taken);
  }
  if (reports_->away()) {
    // One message at a time finds out whether somebody is there again: the library doesn't tell.
    taken = taken.first(outstanding.open() > 0 ? 0 : std::min<std::size_t>(taken.size(), 1));
  }
  for (std::size_t count = 0; count < taken.size(); ++count) {
    if (!produce(taken[count])) {
      return count;
    }
  }
  return taken.size();
}

// False when there is no room for it.
bool KafkaProducer::produce(const Message& message) noexcept {
  const std::size_t size = run_.envelope.write(message, body_.data());
  const std::size_t place = place_of(message, run_.workers);
  if (run_.backlog != nullptr && !run_.backlog->admits(place, size)) {
    return false;
  }
  const std::uint64_t number = reports_->outstanding().end();
  if (rd_kafka_produce(topics_[place % kLanes].get(), static_cast<std::int32_t>(place / kLanes),
                       RD_KAFKA_MSG_F_COPY, body_.data(), size, nullptr, 0,
                       opaque_of(number)) != 0) {
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return false;
    }
    run_.troubles.add(fmt::format("kafka: a message was not taken: {}", rd_kafka_err2str(error)));
    refuse({&message, 1});
    return true;
  }
  reports_->outstanding().add(message);
  if (run_.backlog != nullptr) {
    run_.backlog->add(place, size);
  }
  return true;
}

std::size_t KafkaProducer::refuse(std::span<const Message> batch) noexcept {
  Outstanding& outstanding = reports_->outstanding();
  for (const Message& message : batch) {
    outstanding.settle(outstanding.add(message), Outcome::rejected);
  }
  return batch.size();
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
