#include "kafka_consumer.h"

#include <fmt/format.h>

#include <algorithm>

#include "spate/error.h"

namespace spate::drivers::kafka {
namespace {

// So long a request waits at a broker for something to come; then it is made anew. A stand-in
// answers at the end of that time only, even when something has come.
constexpr const char* kWaitMs = "500";
constexpr const char* kStandInsWaitMs = "1";
// The library fetches ahead up to 64 MiB of a partition, and up to so many messages, which is the
// most that it takes: at that bound it stops, and looks only once a second whether it may go on.
constexpr const char* kMostAhead = "10000000";
// So long a commit waits for the group's coordinator to be found, also when the consumer is
// destroyed. There is no session: nobody joins the group.
constexpr const char* kGoodbyeMs = "1000";

// Of a topic that was there.
bool is_gone(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace

KafkaConsumer::KafkaConsumer(const KafkaRun& run, WorkerId worker)
    : run_(run),
      worker_(worker),
      errors_(std::make_unique<WritesDown>(run.troubles)),
      client_(RD_KAFKA_CONSUMER, run.connection, run_setup_ns(run.connection),
              {{"group.id", run.name},
               {"session.timeout.ms", kGoodbyeMs},
               {"enable.auto.commit", "true"},
               {"auto.commit.interval.ms", fmt::to_string(kCommitEveryMs)},
               {"enable.auto.offset.store", "false"},
               {"auto.offset.reset", "earliest"},
               {"queued.min.messages", kMostAhead},
               {"fetch.min.bytes", "1"},
               {"fetch.error.backoff.ms", "20"},
               {"fetch.wait.max.ms", run.backlog != nullptr ? kStandInsWaitMs : kWaitMs}},
              *errors_),
      partitions_(rd_kafka_topic_partition_list_new(kLanes)),
      group_(rd_kafka_queue_get_consumer(client_.get())) {
  open_queues();
}

void KafkaConsumer::open_queues() {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (run_.backlog != nullptr) {
      run_.backlog->receive_from(static_cast<std::size_t>(partition(lane)));
    }
    client_.reach(run_.name, partition(lane));
    queues_[lane].reset(
        rd_kafka_queue_get_partition(client_.get(), run_.name.c_str(), partition(lane)));
    if (queues_[lane] == nullptr) {
      throw Error(fmt::format("kafka: the topic {} cannot be read", run_.name));
    }
    // Without this, before the partition is assigned, both would come through one queue.
    rd_kafka_queue_forward(queues_[lane].get(), nullptr);
    // From the beginning, which nobody has to be asked for: the topic is of this run.
    rd_kafka_topic_partition_list_add(partitions_.get(), run_.name.c_str(), partition(lane))
        ->offset = 0;
  }
  if (const rd_kafka_resp_err_t error = rd_kafka_assign(client_.get(), partitions_.get());
      error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(
        fmt::format("kafka: the topic {} cannot be read: {}", run_.name, rd_kafka_err2str(error)));
  }
}

std::size_t KafkaConsumer::try_receive(std::span<Received> out) noexcept {
  acknowledge();
  client_.poll();
  batch_.resize(std::max(batch_.size(), out.size()));
  std::size_t count = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    count += receive(lane, out.subspan(count));
  }
  return count;
}

void KafkaConsumer::acknowledge() noexcept {
  bool any = false;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (!held_[lane].empty()) {
      partitions_->elems[lane].offset = held_[lane].back()->offset + 1;
      held_[lane].clear();
      any = true;
    }
  }
  if (any) {
    rd_kafka_offsets_store(client_.get(), partitions_.get());
    hear_of_group();
  }
}

void KafkaConsumer::hear_of_group() noexcept {
  rd_kafka_message_t* raw = nullptr;
  while (rd_kafka_consume_batch_queue(group_.get(), 0, &raw, 1) == 1) {
    const Fetched error(raw);
    run_.troubles.add(
        fmt::format("kafka: the group {}: {}", run_.name, rd_kafka_message_errstr(error.get())));
  }
}

std::size_t KafkaConsumer::receive(std::size_t lane, std::span<Received> out) noexcept {
  const ssize_t fetched =
      rd_kafka_consume_batch_queue(queues_[lane].get(), 0, batch_.data(), out.size());
  std::size_t count = 0;
  for (ssize_t i = 0; i < fetched; ++i) {
    Fetched message(batch_[static_cast<std::size_t>(i)]);
    if (is_gone(message->err)) {
      run_.troubles.give_up(fmt::format("kafka: given up: the topic {} is gone", run_.name));
      continue;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      run_.troubles.add(fmt::format("kafka: {} cannot be read: {}", run_.name,
                                    rd_kafka_message_errstr(message.get())));
      continue;
    }
    run_.forget(*message);
    out[count++] =
        run_.envelope.read({static_cast<const std::byte*>(message->payload), message->len});
    held_[lane].push_back(std::move(message));
  }
  return count;
}

}  // namespace spate::drivers::kafka
