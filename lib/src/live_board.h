// Where a worker writes what observers may see of it. Only a run that is observed has boards.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "spate/cache_line.h"
#include "spate/latency_recorder.h"
#include "spate/live_report.h"
#include "spate/published.h"

namespace spate {

// One writer, any number of readers. Writing is wait-free, in plain loads and stores; so is reading
// the responses; reading the counts is lock-free.
class alignas(kCacheLine) LiveBoard {
 public:
  LiveBoard() : responses_(LatencyRecorder::kBuckets) {}

  // Relaxed, since a count guards no other memory: a reader may see it a moment late.
  void record_response(std::int64_t ns) noexcept {
    const std::int64_t inside = std::clamp<std::int64_t>(ns, 0, LatencyRecorder::kLayout.highest());
    std::atomic<std::uint64_t>& count = responses_[LatencyRecorder::kLayout.index_of(inside)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void publish(const LiveCounts& counts) noexcept { counts_.publish(counts); }

  using Buckets = std::array<std::uint64_t, LatencyRecorder::kBuckets>;
  void add_responses_to(Buckets& sums) const {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += responses_[i].load(std::memory_order_relaxed);
    }
  }
  LiveCounts counts() const noexcept { return counts_.read(); }

 private:
  std::vector<std::atomic<std::uint64_t>> responses_;
  Published<LiveCounts> counts_;
};

}  // namespace spate
