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
  // something of them is still to come. 16 bytes each.
  std::uint64_t most_open = (std::uint64_t{1} << 22) + kSegmentBits;

  // For a run. Twice the deliveries that may be under way fit into the bits, so that only what is
  // late is ever kept one by one. Each worker keeps bits for each, so beyond 45 workers there are
  // fewer segments; two at the least, which with 256 workers are 131,072 of 8 KiB, and as many
  // again of what was read of them: 2 GiB.
  //
  // A correct delivery never has more than `most_open` open: what is not settled and what is not
  // seen are each bounded by the in-flight limit, which a closed loop exceeds by a broadcast, of no
  // more than the limit, and a batch.
  static LedgerWindow of_run(std::uint32_t workers, std::uint64_t in_flight_limit_per_worker) {
    const std::uint64_t pairs = std::uint64_t{workers} * workers;
    const std::uint64_t fair = std::bit_floor(std::clamp<std::uint64_t>(65'536 / pairs, 2, 32));
    const std::uint64_t under_way =
        std::bit_ceil((2 * in_flight_limit_per_worker + kSegmentBits - 1) / kSegmentBits);
    return {std::max(fair, under_way), 4 * in_flight_limit_per_worker + kSegmentBits};
  }
};

}  // namespace spate
