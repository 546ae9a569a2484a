// Sends by basic.publish, as many in one write as the worker hands over at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "link.h"
#include "rabbitmq_run.h"
#include "spate/delivery.h"
#include "spate/drivers/outstanding.h"

namespace spate::drivers::rabbitmq {

// The server confirms each message by its number on the channel, or all up to a number at once.
class RabbitmqProducer {
 public:
  RabbitmqProducer(const RabbitmqRun& run, WorkerId worker);

  std::size_t try_send(std::span<const Message> batch) noexcept;
  std::size_t poll(std::span<Settlement> out) noexcept;

 private:
  void append_publish(const Message& message) noexcept;
  void take(const amqp_frame_t& frame) noexcept;
  void settle(std::uint64_t tag, bool and_all_before, Outcome outcome) noexcept;
  void look_whether_answers_come(std::int64_t now_ns) noexcept;

  const RabbitmqRun& run_;
  Link link_;
  Outstanding outstanding_;
  std::uint64_t first_ = 0;   // the number of the message with the tag 1: tags begin anew with
                              // each connection
  std::int64_t answered_ns_;  // the oldest that is open has been the oldest since then
  std::vector<ContentBeginning> beginnings_;  // by place
  std::vector<std::byte> body_;
};

}  // namespace spate::drivers::rabbitmq
