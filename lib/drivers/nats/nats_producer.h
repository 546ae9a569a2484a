// Sends by publishing, with a subject of our own for the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "link.h"
#include "nats_run.h"
#include "spate/delivery.h"
#include "spate/drivers/outstanding.h"

namespace spate::drivers::nats {

// The stream answers each message at the subject that it names, whose last part is the message's
// number. That is what the library's own asynchronous publishing does, but here without a lock, a
// table and a thread between.
class NatsProducer {
 public:
  NatsProducer(const NatsRun& run, WorkerId worker);

  std::size_t try_send(std::span<const Message> batch) noexcept;
  std::size_t poll(std::span<Settlement> out) noexcept;

 private:
  void publish(const Message& message) noexcept;
  void settle(const natsMsg& answer) noexcept;
  void take_unheard() noexcept;
  void expire(std::int64_t now_ns) noexcept;

  const NatsRun& run_;
  Link link_;
  Outstanding outstanding_;
  std::vector<std::byte> body_;
  std::string reply_;  // where an answer is to go, with room for the number at the end
  std::size_t reply_prefix_;
  // What was sent before the last look must have its answer at the next, a timeout later: so an
  // answer may take between one and two timeouts.
  std::uint64_t expiring_end_ = 0;
  std::int64_t expire_at_ns_ = 0;
  bool heard_ = false;       // since the last look
  std::size_t unheard_ = 0;  // of so many it was said that nobody listens to them; they are open
};

}  // namespace spate::drivers::nats
