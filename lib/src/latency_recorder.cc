#include "spate/latency_recorder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace spate {

static_assert(LatencyRecorder::kBuckets == 4608,
              "HdrHistogram(1, 1 h, 2 digits) has (35 + 1) * 128");
static_assert(LatencyRecorder::kLayout.highest() >= LatencyRecorder::kHighestNs);

LatencyRecorder LatencyRecorder::from_counts(std::span<const std::uint64_t, kBuckets> counts) {
  LatencyRecorder recorder;
  std::copy(counts.begin(), counts.end(), recorder.counts_.begin());
  for (std::size_t index = 0; index < kBuckets; ++index) {
    const std::uint64_t count = counts[index];
    if (count == 0) {
      continue;
    }
    recorder.count_ += count;
    recorder.sum_ += Sum{count} * static_cast<std::uint64_t>(kLayout.middle_at(index));
    recorder.min_ = std::min(recorder.min_, kLayout.lowest_at(index));
    recorder.max_ = kLayout.highest_at(index);
  }
  const auto above = counts.subspan<kLayout.index_of(kHighestNs) + 1>();
  recorder.overflow_ = std::accumulate(above.begin(), above.end(), std::uint64_t{0});
  return recorder;
}

void LatencyRecorder::record_outside(std::int64_t ns) noexcept {
  if (ns < 0) {
    ++negative_;
    return;
  }
  ++overflow_;
  record_at(kBuckets - 1, ns);
}

void LatencyRecorder::merge(const LatencyRecorder& other) noexcept {
  for (std::size_t index = 0; index < kBuckets; ++index) {
    counts_[index] += other.counts_[index];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  negative_ += other.negative_;
  overflow_ += other.overflow_;
}

double LatencyRecorder::mean() const noexcept {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t LatencyRecorder::quantile(double q) const noexcept {
  if (!(q > 0.0)) {
    return min();
  }
  if (count_ == 0) {
    return 0;
  }
  const std::uint64_t rank = rank_of(q, count_);
  if (rank == count_) {
    return max_;
  }
  std::size_t index = 0;
  std::uint64_t seen = counts_[0];
  while (seen < rank) {  // ends within the array: the counts add up to count_, which is above rank
    seen += counts_[++index];
  }
  return std::min(kLayout.highest_at(index), max_);
}

}  // namespace spate
