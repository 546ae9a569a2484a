// Sends, and settles by the library's delivery reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "client.h"
#include "kafka_run.h"
#include "spate/delivery.h"
#include "spate/drivers/outstanding.h"

namespace spate::drivers::kafka {

// What a producer knows of its messages and its brokers. The library tells it both, in
// Client::poll.
class Reports final : public WritesDown {
 public:
  explicit Reports(const KafkaRun& run)
      : WritesDown(run.troubles), run_(run), outstanding_(run.capacity) {}

  Outstanding& outstanding() { return outstanding_; }
  // Whether a connection was lost since the last message that a broker took.
  bool away() const { return away_since_ns_ != kNever; }
  bool given_up() const { return given_up_; }
  // True when the brokers have just been given up: they have been away for longer than they may,
  // or the library will have no more of it.
  bool give_up(std::int64_t now_ns) noexcept;

  void failed(rd_kafka_resp_err_t code, const std::string& text) noexcept override;
  void ended(const rd_kafka_message_t& message) noexcept override;

 private:
  bool is_too_late(std::int64_t now_ns) noexcept;

  const KafkaRun& run_;
  Outstanding outstanding_;
  std::int64_t away_since_ns_ = kNever;
  bool missed_ = false;  // while they are away a message has failed
  bool ended_ = false;   // the library's producer takes nothing any more
  bool given_up_ = false;
};

// The library makes a lost connection anew, and sends again what was under way when it was lost;
// with idempotence the broker drops what it had already. So such a message is not `unknown`, but
// whatever becomes of it within the timeout.
class KafkaProducer {
 public:
  explicit KafkaProducer(const KafkaRun& run);

  std::size_t try_send(std::span<const Message> batch) noexcept;
  std::size_t poll(std::span<Settlement> out) noexcept;

 private:
  std::size_t produce(std::span<const Message> messages) noexcept;
  std::size_t fill(std::span<const Message> messages) noexcept;
  std::uint64_t* remember(std::uint64_t number) noexcept;
  void hand_over(std::span<rd_kafka_message_t> messages) noexcept;
  void give_back(std::span<const rd_kafka_message_t> messages) noexcept;

  const KafkaRun& run_;
  std::unique_ptr<Reports> reports_;  // the library has its address
  Client client_;
  Topic topic_;
  std::vector<std::uint64_t> numbers_;     // what the library's opaque pointers point to
  std::vector<rd_kafka_message_t> batch_;  // with the messages' bytes in:
  std::vector<std::byte> bodies_;
  // Once the library has refused a message: of a batch it does not free what it refuses.
  bool one_by_one_ = false;
};

}  // namespace spate::drivers::kafka
