#include "nats_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace spate::drivers::nats {
namespace {

// So many messages of a lane may be on their way to a consumer at once, and so many bytes.
constexpr std::size_t kMostMessages = 128;
constexpr std::size_t kMostBytes = 8 << 20;

}  // namespace

std::size_t NatsRun::window() const {
  return std::clamp<std::size_t>(kMostBytes / envelope.max_bytes(), 1, kMostMessages);
}

std::string NatsRun::inbox(std::size_t place) const {
  return fmt::format("_INBOX.{}.intake.{}", name, place);
}

Reader NatsRun::reader(std::size_t place, std::uint64_t generation) const {
  // As many again were handed over, and are acknowledged next.
  return {places[place].stream, fmt::format("reader-{}", generation),
          static_cast<std::int64_t>(2 * window())};
}

}  // namespace spate::drivers::nats
