// Response times per agent, where a LatencyRecorder each would be too much.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "spate/latency_recorder.h"
#include "spate/log_linear.h"
#include "spate/message.h"
#include "spate/random.h"

namespace spate {

// Count, sum, maximum and a histogram for every agent. As fine as LatencyRecorder for up to about a
// thousand agents; beyond, coarser, so that an agent costs a few hundred bytes. Quantiles never
// exceed the exact maximum, so with fewer than 100 messages an agent's p99 is exact at any size.
//
// One writer; merged after the run.
class AgentLatencies {
 public:
  explicit AgentLatencies(std::uint32_t agents)
      : layout_{.sub_bucket_bits = bits_for(agents), .value_bits = kValueBits},
        counts_(std::size_t{agents} * layout_.size()),
        totals_(agents) {}

  // Negative times count as 0, those beyond the layout as its highest.
  void record(AgentId agent, std::int64_t ns) noexcept {
    const std::int64_t clamped = std::clamp<std::int64_t>(ns, 0, layout_.highest());
    add(agent, layout_.index_of(clamped), clamped);
  }
  // The same for who knows the index in LatencyRecorder's layout. Precondition: it is 0 … 1 h.
  void record_at(AgentId agent, std::size_t fine_index, std::int64_t ns) noexcept {
    const bool finest = layout_.sub_bucket_bits == kFinestBits;
    add(agent, finest ? fine_index : layout_.index_of(ns), ns);
  }

  // Brings what record() will need into the cache. (Always inlined: g++ takes a function that only
  // prefetches for one without effect, and leaves its calls out.)
  [[gnu::always_inline]] void prefetch(AgentId agent, std::int64_t ns) const noexcept {
    const std::int64_t clamped = std::clamp<std::int64_t>(ns, 0, layout_.highest());
    __builtin_prefetch(&counts_[agent * layout_.size() + layout_.index_of(clamped)], 1);
    __builtin_prefetch(&totals_[agent], 1);
  }

  void merge(const AgentLatencies& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      counts_[i] += other.counts_[i];
      if (counts_[i] < other.counts_[i]) {
        carries_.push_back(i);
      }
    }
    carries_.insert(carries_.end(), other.carries_.begin(), other.carries_.end());
    for (std::size_t agent = 0; agent < totals_.size(); ++agent) {
      totals_[agent].count += other.totals_[agent].count;
      totals_[agent].sum += other.totals_[agent].sum;
      totals_[agent].min = std::min(totals_[agent].min, other.totals_[agent].min);
      totals_[agent].max = std::max(totals_[agent].max, other.totals_[agent].max);
    }
  }

  std::uint64_t count(AgentId agent) const { return totals_[agent].count; }
  double mean(AgentId agent) const {
    const Total& total = totals_[agent];
    return total.count == 0 ? 0.0
                            : static_cast<double>(total.sum) / static_cast<double>(total.count);
  }
  // As LatencyRecorder::quantile.
  std::int64_t quantile(AgentId agent, double q) const {
    const Total& total = totals_[agent];
    if (total.count == 0 || !(q > 0.0)) {
      return total.count == 0 ? 0 : total.min;
    }
    const std::uint64_t rank = rank_of(q, total.count);
    if (rank == total.count) {
      return total.max;
    }
    std::size_t index = 0;
    const std::size_t row = agent * layout_.size();
    std::uint64_t seen = count_at(row);
    while (seen < rank) {  // ends within the row: its counts add up to more than the rank
      seen += count_at(row + ++index);
    }
    return std::min(layout_.highest_at(index), total.max);
  }

 private:
  struct Total {
    std::uint64_t count = 0;
    Uint128 sum = 0;  // 2^64 ns are 584 years: of a million deliveries under way, some hours
    std::int64_t min = std::numeric_limits<std::int64_t>::max();
    std::int64_t max = 0;
  };

  void add(AgentId agent, std::size_t index, std::int64_t ns) noexcept {
    const std::size_t at = agent * layout_.size() + index;
    if (++counts_[at] == 0) [[unlikely]] {
      carries_.push_back(at);
    }
    Total& total = totals_[agent];
    ++total.count;
    total.sum += static_cast<std::uint64_t>(ns);  // never negative
    total.min = std::min(total.min, ns);
    total.max = std::max(total.max, ns);
  }

  std::uint64_t count_at(std::size_t at) const {
    const auto carried = std::count(carries_.begin(), carries_.end(), at);
    return counts_[at] + (static_cast<std::uint64_t>(carried) << 32);
  }

  static constexpr int kValueBits = LatencyRecorder::kLayout.value_bits;
  static constexpr int kFinestBits = LatencyRecorder::kLayout.sub_bucket_bits;
  static constexpr std::size_t kBudgetBytes = std::size_t{16} << 20;

  static constexpr int bits_for(std::uint32_t agents) {
    int bits = kFinestBits;
    while (bits > 1 &&
           LogLinear{bits, kValueBits}.size() * sizeof(std::uint32_t) * agents > kBudgetBytes) {
      --bits;
    }
    return bits;
  }

  LogLinear layout_;
  // By agent, then bucket. In 32 bits, since all agents' together exceed the cache; what goes
  // beyond is carried.
  std::vector<std::uint32_t> counts_;
  std::vector<std::size_t> carries_;  // an index of counts_ for each 2^32 that it went beyond
  std::vector<Total> totals_;
};

}  // namespace spate
