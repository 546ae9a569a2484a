// Sends by XADD, as many in one write as the worker hands over at once.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "link.h"
#include "redis_run.h"
#include "spate/delivery.h"
#include "spate/drivers/outstanding.h"

namespace spate::drivers::redis {

class RedisProducer {
 public:
  RedisProducer(const RedisRun& run, WorkerId worker);

  std::size_t try_send(std::span<const Message> batch) noexcept;
  std::size_t poll(std::span<Settlement> out) noexcept;

 private:
  void append_xadd(const Message& message) noexcept;
  void settle_oldest(const redisReply& reply) noexcept;

  const RedisRun& run_;
  Link link_;
  Outstanding outstanding_;              // answers come in the order of the messages
  std::vector<std::string> beginnings_;  // of an XADD, by place
  std::vector<std::byte> body_;
};

}  // namespace spate::drivers::redis
