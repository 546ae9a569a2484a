// Histograms in HdrHistogram's exchange format: what a result file keeps of a run's response times.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace spate::compare {

// Counts values of low_ns to high_ns, both included.
struct HdrBucket {
  std::int64_t low_ns = 0;
  std::int64_t high_ns = 0;
  std::uint64_t count = 0;

  // HdrHistogram's "median equivalent value": lowest plus half the width.
  std::int64_t middle_ns() const noexcept { return low_ns + (high_ns - low_ns + 1) / 2; }

  friend bool operator==(const HdrBucket&, const HdrBucket&) = default;
};

// The three numbers that an HdrHistogram is made with; they fix where its buckets lie.
struct HdrLayout {
  std::int64_t lowest_ns = 1;   // the lowest value to be told from 0
  std::int64_t highest_ns = 2;  // to be covered: the last bucket may end above it
  std::uint32_t digits = 0;     // significant decimal digits

  friend bool operator==(const HdrLayout&, const HdrLayout&) = default;
};

class HdrHistogram {
 public:
  // Precondition: the buckets ascend, and none is empty.
  HdrHistogram(HdrLayout layout, std::vector<HdrBucket> buckets);

  // The exact maximum, which the format does not hold but a row's counters do.
  void set_max(std::int64_t max_ns) noexcept { max_ns_ = max_ns; }

  const HdrLayout& layout() const noexcept { return layout_; }
  std::span<const HdrBucket> buckets() const noexcept { return buckets_; }
  std::uint64_t count() const noexcept { return count_; }

  // As the counters of a row are taken: the highest value of the bucket in which lies the value of
  // rank ceil(q * count()), but never more than the maximum, which is the value of the last rank.
  // q <= 0 and NaN count as the first rank. Nothing of an empty histogram.
  std::optional<std::int64_t> quantile(double q) const noexcept;

  // Over the buckets' middles, as HdrHistogram takes it. Nothing of an empty histogram.
  std::optional<double> mean() const noexcept;

 private:
  HdrLayout layout_;
  std::vector<HdrBucket> buckets_;
  std::uint64_t count_ = 0;
  std::optional<std::int64_t> max_ns_;
};

// Reads the base64 of HdrHistogram's "V2 compressed" encoding ("HISTFAAA…") with any layout whose
// values are neither shifted nor scaled. Throws Error, with one line that says what is wrong, on
// anything else, however damaged. What it allocates is bounded: 1 MiB to unpack into, which holds
// ten times what one of Spate's can need, and 24 bytes for each used bucket.
// Format: HdrHistogram, AbstractHistogram.java, encodeIntoCompressedByteBuffer(), init() and
// valueFromIndex(), and ZigZagEncoding.java.
HdrHistogram decode_hdr(std::string_view base64);

}  // namespace spate::compare
