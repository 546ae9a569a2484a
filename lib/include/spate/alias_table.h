// A histogram to draw from: two comparisons' work, however many buckets it has.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spate/latency_recorder.h"
#include "spate/random.h"

namespace spate {

// Walker's alias method (Walker, "An efficient method for generating discrete random variables with
// general distributions", ACM TOMS 3, 1977), set up as Vose does ("A linear algorithm for
// generating random numbers with a given distribution", IEEE TSE 17, 1991): as many columns of
// equal probability as buckets are in use, each shared by two buckets at the most. All in integers;
// a bucket's probability is its share of the counts, but for 2^-51 at the most.
//
// Immutable, so any thread may draw. 16 bytes a bucket in use.
class AliasTable {
 public:
  // Wants a count above 0, and none above 1 h.
  explicit AliasTable(const LatencyRecorder& recorded);

  // In ns. Every value of a bucket is as likely as any other, up to 1 h.
  std::int64_t at(std::uint64_t draw) const noexcept {
    const Uint128 place = Uint128{draw} * columns_.size();
    const auto rest = static_cast<std::uint64_t>(place);
    const Column& column = columns_[static_cast<std::size_t>(place >> 64)];
    const std::size_t bucket = rest < column.threshold ? column.own : column.other;
    const std::int64_t lowest_ns = LatencyRecorder::kLayout.lowest_at(bucket);
    const std::int64_t highest_ns =
        std::min(LatencyRecorder::kLayout.highest_at(bucket), LatencyRecorder::kHighestNs);
    // Mixed anew: the choice of the bucket has used up the high bits.
    return lowest_ns + static_cast<std::int64_t>(scaled(
                           mix64(rest), static_cast<std::uint64_t>(highest_ns - lowest_ns) + 1));
  }

 private:
  struct Column {
    std::uint64_t threshold;  // below it the column's own bucket, in units of 2^-64
    std::uint32_t own;
    std::uint32_t other;
  };
  std::vector<Column> columns_;
};

}  // namespace spate
