// How much of a ledger is kept as bits, one for one, and how much of the rest one by one.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace spate {

// A ledger works in segments of so many ordinals.
inline constexpr std::uint64_t kSegmentBits = 1 << 16;
inline constexpr std::uint64_t kSegmentWords = kSegmentBits / 64;

struct LedgerWindow {
  // The latest so many segments of each sender's worker are kept as bits. A power of two. 32 are
  // two million deliveries of a worker.
  std::uint64_t segments = 32;
  // So many older deliveries of each sender's worker at the most are kept one by one, because
  // something of them is still to come.
  std::uint64_t most_open = (std::uint64_t{1} << 20) + kSegmentBits;

  // For a run. Twice the deliveries that may be under way fit into the bits, so that only what is
  // late is ever kept one by one; and those of many workers, of which each keeps bits for each, do
  // not add up to more than those of a few dozen.
  static LedgerWindow of_run(std::uint32_t workers, std::uint64_t in_flight_limit_per_worker) {
    const std::uint64_t pairs = std::uint64_t{workers} * workers;
    const std::uint64_t fair = std::bit_floor(std::clamp<std::uint64_t>(65'536 / pairs, 4, 32));
    const std::uint64_t under_way =
        std::bit_ceil((2 * in_flight_limit_per_worker + kSegmentBits - 1) / kSegmentBits);
    return {std::max(fair, under_way), in_flight_limit_per_worker + kSegmentBits};
  }
};

}  // namespace spate
