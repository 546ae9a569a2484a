#include "nats_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::drivers::nats {
namespace {

// So many messages may be on their way to a consumer at once, and so many bytes: a server cuts off
// who does not read.
constexpr std::size_t kMostMessages = 256;
constexpr std::size_t kMostBytes = 8 << 20;

// The server takes no less.
constexpr std::int64_t kShortestHeartbeatNs = 100'000'000;

}  // namespace

std::int64_t NatsRun::heartbeat_ns() const {
  return std::max(timeout_ns / 4, kShortestHeartbeatNs);
}

Reader NatsRun::reader(std::size_t place, std::uint64_t generation) const {
  const std::size_t messages =
      std::clamp<std::size_t>(kMostBytes / envelope.max_bytes(), 1, kMostMessages);
  return {places[place].stream, fmt::format("reader-{}", generation),
          fmt::format("_INBOX.{}.reader.{}.{}", name, place, generation),
          static_cast<std::int64_t>(messages), heartbeat_ns()};
}

}  // namespace spate::drivers::nats
