// What one worker writes down for the timeline.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/ledger.h"
#include "spate/log_linear.h"
#include "spate/timeline.h"

namespace spate {

// Response times of a slice: the buckets that are not empty, in their order.
class PackedResponses {
 public:
  // Half as fine as is usual for a histogram: there are many thousands of these.
  static constexpr LogLinear kLayout{.sub_bucket_bits = 5, .value_bits = 42};
  using Counts = std::array<std::uint64_t, kLayout.size()>;

  static std::size_t index_of(std::int64_t ns) {
    return kLayout.index_of(ns < 0 ? 0 : ns > kLayout.highest() ? kLayout.highest() : ns);
  }

  void add(std::span<const std::uint32_t, kLayout.size()> counts);
  void add(const PackedResponses& other);
  void add_to(Counts& sums) const;

 private:
  struct Bucket {
    std::uint16_t index;
    std::uint32_t count;
  };
  std::vector<Bucket> buckets_;
};

// The highest value of the bucket that has it; 0 where all are empty.
std::int64_t quantile(const PackedResponses::Counts& counts, double q);

// One slice with all that its figures are made of; slices of one length can be added.
struct RecordedSlice {
  // What the ledger has in the end of the deliveries that were sent in it; duplicates count where
  // they came, if anybody knows that.
  struct Findings {
    std::uint64_t lost = 0;
    std::uint64_t recovered = 0;
    std::uint64_t unknown = 0;
    std::uint64_t duplicated = 0;

    void add(Finding finding);
    void add(const Findings& other);
  };

  // `other`: the next one, or another worker's of the same time.
  void add(const RecordedSlice& other);

  TimelineSlice counts;  // without the times
  Findings findings;
  std::uint64_t first_ordinal = 0;  // no delivery with a lower one was sent in it or later
  PackedResponses responses;
};

// One writer; read after the join. A slice is 100 ms long, or in a run of many hours as long as it
// takes to have no more than so many: each is 200 bytes, and 8 for each bucket that its response
// times fall into, so that all are 30 MiB, and some 100 more where response times are of all
// kinds. Should a run last longer than was thought, two slices become one, and so on. Allocates at
// the end of a slice.
class TimelineRecorder final : public FindingSink {
 public:
  static constexpr std::int64_t kSliceNs = 100'000'000;
  static constexpr std::size_t kMostSlices = 1 << 17;

  // So long they have to be for a run that is so long.
  static std::int64_t slice_ns_for(std::int64_t duration_ns);

  explicit TimelineRecorder(std::int64_t slice_ns = kSliceNs, std::size_t most_slices = kMostSlices)
      : slice_ns_(slice_ns), most_slices_(most_slices) {}

  void start(std::int64_t start_ns) { start_ns_ = start_ns; }
  // From now on what is written down belongs to that moment.
  void turn_to(std::int64_t now_ns) {
    if (now_ns >= current_end_ns_) {
      turn_page(now_ns);
    }
  }
  // Nothing more is written down.
  void finish() { pack_current(); }

  // Precondition of these: turn_to() was called.
  void sent(std::uint64_t ordinal, bool opens_message) {
    next_ordinal_ = ordinal + 1;
    ++current_->counts.attempted;
    current_->counts.sent += opens_message ? 1U : 0U;
  }
  void settled(Outcome outcome);
  void delivered(std::int64_t response_ns) {
    ++current_->counts.delivered;
    ++responses_[PackedResponses::index_of(response_ns)];
  }
  // Of the own ledgers, while the worker runs: of what it has received, and of what it has sent.
  void found(WorkerId sender, std::uint64_t ordinal, Finding finding) noexcept override;

  // The slice in which this worker sent that delivery. Precondition: something was written down.
  std::size_t slice_of(std::uint64_t ordinal) const;

  std::int64_t slice_ns() const { return slice_ns_; }
  std::size_t size() const { return slices_.size(); }
  const RecordedSlice& slice(std::size_t index) const { return *slices_[index]; }
  // Makes slices of this length, which must be the own one times a power of two. After finish().
  void coarsen_to(std::int64_t slice_ns);

 private:
  void turn_page(std::int64_t now_ns);
  void pack_current();
  void coarsen();

  std::int64_t slice_ns_;
  std::size_t most_slices_;
  std::int64_t start_ns_ = 0;
  std::int64_t current_end_ns_ = kNotYet;
  RecordedSlice* current_ = nullptr;
  std::array<std::uint32_t, PackedResponses::kLayout.size()> responses_{};  // of the current slice
  std::uint64_t next_ordinal_ = 0;
  std::vector<std::unique_ptr<RecordedSlice>> slices_;
};

// All workers' together, in slices of the longest length among them. After finish().
std::vector<RecordedSlice> merged(std::span<TimelineRecorder* const> recorders);
Timeline timeline_of(std::span<const RecordedSlice> slices, std::int64_t slice_ns);

}  // namespace spate
