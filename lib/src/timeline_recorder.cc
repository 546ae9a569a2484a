#include "timeline_recorder.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "spate/run_plan.h"

namespace spate {

static_assert(kMaxFaultedNs / 1'000'000'000 * 10 <
                  static_cast<std::int64_t>(TimelineRecorder::kMostSlices) * 8,
              "in slices of 0.8 s");

void RecordedSlice::Findings::add(Finding finding) {
  switch (finding) {
    case Finding::lost:
      ++lost;
      break;
    case Finding::recovered:
      ++recovered;
      break;
    case Finding::unknown:
      ++unknown;
      break;
    case Finding::duplicated:
    case Finding::duplicated_elsewhere:
      ++duplicated;
      break;
  }
}

void RecordedSlice::Findings::add(const Findings& other) {
  lost += other.lost;
  recovered += other.recovered;
  unknown += other.unknown;
  duplicated += other.duplicated;
}

void RecordedSlice::add(const RecordedSlice& other) {
  counts.sent += other.counts.sent;
  counts.attempted += other.counts.attempted;
  counts.delivered += other.counts.delivered;
  counts.acked += other.counts.acked;
  counts.failed += other.counts.failed;
  counts.rejected += other.counts.rejected;
  counts.unknown += other.counts.unknown;
  findings.add(other.findings);
  responses.add(other.responses);
}

void PackedResponses::add(std::span<const std::uint32_t, kLayout.size()> counts) {
  PackedResponses packed;
  for (std::size_t index = 0; index < counts.size(); ++index) {
    if (counts[index] > 0) {
      packed.buckets_.push_back({static_cast<std::uint16_t>(index), counts[index]});
    }
  }
  add(packed);
}

void PackedResponses::add(const PackedResponses& other) {
  std::vector<Bucket> sum;
  sum.reserve(buckets_.size() + other.buckets_.size());
  std::merge(buckets_.begin(), buckets_.end(), other.buckets_.begin(), other.buckets_.end(),
             std::back_inserter(sum),
             [](const Bucket& a, const Bucket& b) { return a.index < b.index; });
  std::size_t kept = 0;
  for (const Bucket& bucket : sum) {
    if (kept > 0 && sum[kept - 1].index == bucket.index) {
      sum[kept - 1].count += bucket.count;
    } else {
      sum[kept++] = bucket;
    }
  }
  sum.resize(kept);
  sum.shrink_to_fit();
  buckets_ = std::move(sum);
}

void PackedResponses::add_to(Counts& sums) const {
  for (const Bucket& bucket : buckets_) {
    sums[bucket.index] += bucket.count;
  }
}

std::int64_t quantile(const PackedResponses::Counts& counts, double q) {
  const auto count = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (count == 0) {
    return 0;
  }
  std::uint64_t left = rank_of(q, count);
  std::size_t index = 0;
  while (counts[index] < left) {
    left -= counts[index++];
  }
  return PackedResponses::kLayout.highest_at(index);
}

// Beforehand, as making two of them one takes time, in which a worker should send.
std::int64_t TimelineRecorder::slice_ns_for(std::int64_t duration_ns) {
  std::int64_t slice_ns = kSliceNs;
  while (duration_ns / slice_ns >= static_cast<std::int64_t>(kMostSlices)) {
    slice_ns *= 2;
  }
  return slice_ns;
}

void TimelineRecorder::settled(Outcome outcome) {
  TimelineSlice& counts = current_->counts;
  switch (outcome) {
    case Outcome::acked:
      ++counts.acked;
      break;
    case Outcome::failed:
    case Outcome::crashed:
      ++counts.failed;
      break;
    case Outcome::rejected:
      ++counts.rejected;
      break;
    case Outcome::unknown:
      ++counts.unknown;
      break;
  }
}

void TimelineRecorder::found(WorkerId /*sender*/, std::uint64_t ordinal, Finding finding) noexcept {
  const bool now = finding == Finding::duplicated;
  (now ? *current_ : *slices_[slice_of(ordinal)]).findings.add(finding);
}

std::size_t TimelineRecorder::slice_of(std::uint64_t ordinal) const {
  // Ordinals are sent in their order: it is the last slice that begins no later.
  const auto behind = std::upper_bound(
      slices_.begin(), slices_.end(), ordinal,
      [](std::uint64_t wanted, const auto& slice) { return wanted < slice->first_ordinal; });
  return static_cast<std::size_t>(std::distance(slices_.begin(), behind)) - 1;
}

void TimelineRecorder::turn_page(std::int64_t now_ns) {
  pack_current();
  const std::int64_t elapsed_ns = std::max<std::int64_t>(now_ns - start_ns_, 0);
  while (static_cast<std::size_t>(elapsed_ns / slice_ns_) >= most_slices_) {
    coarsen();
  }
  const auto index = static_cast<std::size_t>(elapsed_ns / slice_ns_);
  while (slices_.size() <= index) {
    slices_.push_back(std::make_unique<RecordedSlice>());
    slices_.back()->first_ordinal = next_ordinal_;
  }
  current_ = slices_[index].get();
  current_end_ns_ = start_ns_ + static_cast<std::int64_t>(index + 1) * slice_ns_;
}

void TimelineRecorder::pack_current() {
  if (current_ != nullptr) {
    current_->responses.add(responses_);
    responses_.fill(0);
  }
}

void TimelineRecorder::coarsen() {
  for (std::size_t index = 0; index < slices_.size(); ++index) {
    if (index % 2 == 1) {
      slices_[index / 2]->add(*slices_[index]);
    } else if (index > 0) {
      slices_[index / 2] = std::move(slices_[index]);
    }
  }
  slices_.resize((slices_.size() + 1) / 2);
  slice_ns_ *= 2;
}

void TimelineRecorder::coarsen_to(std::int64_t slice_ns) {
  while (slice_ns_ < slice_ns) {
    coarsen();
  }
}

std::vector<RecordedSlice> merged(std::span<TimelineRecorder* const> recorders) {
  std::int64_t longest_ns = 0;
  for (const TimelineRecorder* const recorder : recorders) {
    longest_ns = std::max(longest_ns, recorder->slice_ns());
  }
  std::vector<RecordedSlice> all;
  for (TimelineRecorder* const recorder : recorders) {
    recorder->coarsen_to(longest_ns);
    all.resize(std::max(all.size(), recorder->size()));
    for (std::size_t index = 0; index < recorder->size(); ++index) {
      all[index].add(recorder->slice(index));
    }
  }
  return all;
}

Timeline timeline_of(std::span<const RecordedSlice> slices, std::int64_t slice_ns) {
  Timeline timeline{slice_ns, {}};
  for (const RecordedSlice& slice : slices) {
    timeline.slices.push_back(slice.counts);
    PackedResponses::Counts counts{};
    slice.responses.add_to(counts);
    timeline.slices.back().response_p50_ns = quantile(counts, 0.5);
    timeline.slices.back().response_p99_ns = quantile(counts, 0.99);
  }
  return timeline;
}

}  // namespace spate
