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

// One slice with all that its figures are made of; slices of one length can be added.
struct RecordedSlice {
  // Half as fine as is usual for a histogram: there are thousands of these.
  static constexpr LogLinear kLayout{.sub_bucket_bits = 5, .value_bits = 42};
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
  void record_response(std::int64_t ns) noexcept {
    const std::int64_t inside = ns < 0 ? 0 : ns > kLayout.highest() ? kLayout.highest() : ns;
    ++responses[kLayout.index_of(inside)];
    ++counts.delivered;
  }
  // The highest value of the bucket; 0 where there is none.
  std::int64_t quantile(double q) const;

  TimelineSlice counts;  // without the times
  Findings findings;
  std::uint64_t first_ordinal = 0;  // no delivery with a lower one was sent in it or later
  std::array<std::uint32_t, kLayout.size()> responses{};
};

// One writer; read after the join. A slice is 100 ms long, until there are too many: then two
// become one, and so on, so that a day takes no more memory than minutes. Allocates one slice in
// the time of one.
class TimelineRecorder final : public FindingSink {
 public:
  static constexpr std::int64_t kSliceNs = 100'000'000;
  static constexpr std::size_t kMostSlices = 4096;

  explicit TimelineRecorder(std::int64_t slice_ns = kSliceNs, std::size_t most_slices = kMostSlices)
      : slice_ns_(slice_ns), most_slices_(most_slices) {}

  void start(std::int64_t start_ns) { start_ns_ = start_ns; }
  // From now on what is written down belongs to that moment.
  void turn_to(std::int64_t now_ns) {
    if (now_ns >= current_end_ns_) {
      turn_page(now_ns);
    }
  }

  // Precondition of these: turn_to() was called.
  void sent(std::uint64_t ordinal, bool opens_message) {
    next_ordinal_ = ordinal + 1;
    ++current_->counts.attempted;
    current_->counts.sent += opens_message ? 1U : 0U;
  }
  void settled(Outcome outcome);
  void delivered(std::int64_t response_ns) { current_->record_response(response_ns); }

  // Of the own ledgers, while the worker runs: of what it has received, and of what it has sent.
  void found(WorkerId sender, std::uint64_t ordinal, Finding finding) noexcept override;

  // The slice in which this worker sent that delivery. Precondition: something was written down.
  std::size_t slice_of(std::uint64_t ordinal) const;

  std::int64_t slice_ns() const { return slice_ns_; }
  std::size_t size() const { return slices_.size(); }
  const RecordedSlice& slice(std::size_t index) const { return *slices_[index]; }
  // Makes slices of this length, which must be the own one times a power of two.
  void coarsen_to(std::int64_t slice_ns);

 private:
  void turn_page(std::int64_t now_ns);
  void coarsen();

  std::int64_t slice_ns_;
  std::size_t most_slices_;
  std::int64_t start_ns_ = 0;
  std::int64_t current_end_ns_ = kNotYet;
  RecordedSlice* current_ = nullptr;
  std::uint64_t next_ordinal_ = 0;
  std::vector<std::unique_ptr<RecordedSlice>> slices_;
};

// All workers' together, in slices of the longest length among them.
std::vector<RecordedSlice> merged(std::span<TimelineRecorder* const> recorders);
Timeline timeline_of(std::span<const RecordedSlice> slices, std::int64_t slice_ns);

}  // namespace spate
