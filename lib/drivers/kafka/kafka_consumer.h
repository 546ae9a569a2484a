// Receives what the library has fetched, and acknowledges what the worker has read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "client.h"
#include "kafka_run.h"
#include "spate/delivery.h"

namespace spate::drivers::kafka {

// The library keeps one request at the partitions' broker, which waits there until something comes,
// and puts what it brings into a queue for each partition; the urgent one is emptied first. So an
// urgent message comes after those normal ones that were handed over while it was being fetched,
// however many they are.
//
// What the worker has read is stored as an offset; the library commits every kCommitEveryMs what
// was stored last.
class KafkaConsumer {
 public:
  static constexpr int kCommitEveryMs = 100;

  KafkaConsumer(const KafkaRun& run, WorkerId worker);

  std::size_t try_receive(std::span<Received> out) noexcept;

 private:
  using Fetched = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;

  std::int32_t partition(std::size_t lane) const {
    return static_cast<std::int32_t>(worker_ * kLanes + lane);
  }
  void open_queues();
  void acknowledge() noexcept;
  void hear_of_group() noexcept;
  std::size_t receive(std::size_t lane, std::span<Received> out) noexcept;

  const KafkaRun& run_;
  WorkerId worker_;
  std::unique_ptr<WritesDown> errors_;  // the library has its address
  Client client_;
  Partitions partitions_;                          // by lane; with what is to be acknowledged
  Queue group_;                                    // what goes wrong with acknowledging
  std::array<Queue, kLanes> queues_;               // urgent first
  std::vector<rd_kafka_message_t*> batch_;         // what one call of the library brings
  std::array<std::vector<Fetched>, kLanes> held_;  // what was handed over refers to it
};

}  // namespace spate::drivers::kafka
