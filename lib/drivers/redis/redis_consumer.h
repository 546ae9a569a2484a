// Receives by XREADGROUP, and acknowledges what the worker has read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "link.h"
#include "redis_run.h"
#include "spate/delivery.h"

namespace spate::drivers::redis {

// One request is at the server at any time: it waits there until something comes, and has the
// urgent stream first. What it brought is handed over before the next one is made, so an urgent
// message waits for no more than kMostEntries others.
class RedisConsumer {
 public:
  // Of one lane, in one reply.
  static constexpr std::size_t kMostEntries = 128;

  RedisConsumer(const RedisRun& run, WorkerId worker);

  std::size_t try_receive(std::span<Received> out) noexcept;

 private:
  struct Entry {
    std::string_view id;
    Received received;
  };

  // As the consumer of that name in the group.
  std::string request_from(std::string_view name, std::string_view id) const;
  void take(Reply reply) noexcept;
  void take_stream(const redisReply& stream) noexcept;
  Entry entry_of(const redisReply& raw) const noexcept;
  void acknowledge() noexcept;
  void request() noexcept;
  std::size_t hand_over(std::span<Received> out) noexcept;

  const RedisRun& run_;
  Link link_;
  std::array<std::string, kLanes> streams_;  // urgent first
  std::string new_request_;
  std::string catch_up_request_;
  Reply reply_;  // what `entries_` refers to
  std::array<std::vector<Entry>, kLanes> entries_;
  std::size_t handed_over_ = 0;
  std::size_t acks_to_come_ = 0;  // before the answer to the request
  bool requested_ = false;
  // After a lost connection: what had been sent to us and was not acknowledged comes first.
  bool catching_up_ = false;
};

}  // namespace spate::drivers::redis
