// Latency histogram for one writer; recorders are merged after the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "spate/log_linear.h"

namespace spate {

// Counts latencies in nanoseconds, in HdrHistogram's layout for 1 ns … 1 h and 2 significant
// digits: a quantile is at most 1/128 above the exact one. Minimum, maximum and mean are exact.
//
// Thread safety: none, on purpose. One thread records; others read or merge after it was joined. So
// record() is wait-free, and its members lie on no cache line of another worker's recorder.
// Memory: about 36 KiB, allocated by the constructor; nothing is allocated later. A moved-from
// recorder may only be destroyed or assigned to.
class alignas(64) LatencyRecorder {
 public:
  static constexpr LogLinear kLayout{.sub_bucket_bits = 7, .value_bits = 42};
  static constexpr std::int64_t kHighestNs = 3'600'000'000'000;
  static constexpr std::size_t kBuckets = kLayout.size();

  LatencyRecorder() : counts_(kBuckets) {}

  // A recorder that is known by its counts only. What was exact becomes as exact as the buckets:
  // min() is the lowest value of the first used bucket, max() the highest of the last, mean() is
  // taken over bucket middles, as HdrHistogram does; overflow() is what lies above the bucket of
  // 1 h, negative() is 0. The counts must add up to less than 2^63,
  // HdrHistogram's limit.
  static LatencyRecorder from_counts(std::span<const std::uint64_t, kBuckets> counts);

  // Zero is a latency like any other. A negative one is a clock's fault and no latency: it is
  // counted in negative() and nowhere else. One above 1 h is counted in the topmost bucket and in
  // overflow(), and enters max() and mean() as it is.
  void record(std::int64_t ns) noexcept {
    if (static_cast<std::uint64_t>(ns) > std::uint64_t{kHighestNs}) [[unlikely]] {
      record_outside(ns);
      return;
    }
    record_at(kLayout.index_of(ns), ns);
  }

  // The same for who knows kLayout.index_of(ns). Precondition: 0 <= ns <= kHighestNs.
  void record_at(std::size_t index, std::int64_t ns) noexcept {
    ++counts_[index];
    ++count_;
    sum_ += static_cast<std::uint64_t>(ns);
    // Branches, because a new extreme is rare: without them each call would wait for the last
    // store.
    if (ns < min_) [[unlikely]] {
      min_ = ns;
    }
    if (ns > max_) [[unlikely]] {
      max_ = ns;
    }
  }

  // Everything as if the other's latencies had been recorded here too.
  void merge(const LatencyRecorder& other) noexcept;

  // Latencies in the histogram: with overflow(), without negative().
  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t negative() const noexcept { return negative_; }
  std::uint64_t overflow() const noexcept { return overflow_; }

  // 0 when nothing was recorded; so are mean() and quantile().
  std::int64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const noexcept { return max_; }
  double mean() const noexcept;

  // The highest value of the bucket in which lies the latency of rank ceil(q * count()), but never
  // more than max(). HdrHistogram's definition (AbstractHistogram.java, getValueAtPercentile(),
  // with q = percentile / 100), sharpened where more is known: q <= 0 and NaN give min(), and the
  // last rank gives max(), also when it is above the topmost bucket. Lower ranks that fall on
  // overflow() give no more than kLayout.highest(), 1.22 h.
  std::int64_t quantile(double q) const noexcept;

  // By index of kLayout.
  std::span<const std::uint64_t, kBuckets> counts() const noexcept {
    return std::span<const std::uint64_t, kBuckets>{counts_};
  }

 private:
  // Cannot overflow: fewer than 2^64 latencies of less than 2^63 ns each. 64 bits could, after two
  // wild values.
  __extension__ using Sum = unsigned __int128;

  void record_outside(std::int64_t ns) noexcept;

  // What record() touches fills one cache line.
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  Sum sum_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = 0;
  std::uint64_t negative_ = 0;
  std::uint64_t overflow_ = 0;
};

}  // namespace spate
