#include "spate/core_statistics.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace spate {
namespace {

// In integers as far as it goes, so that the mean of equal latencies is exact.
double mean(Uint128 sum, std::uint64_t count) {
  if (count == 0) {
    return 0.0;
  }
  const auto quotient = static_cast<std::uint64_t>(sum / count);
  const auto rest = static_cast<std::uint64_t>(sum % count);
  return static_cast<double>(quotient) + static_cast<double>(rest) / static_cast<double>(count);
}

}  // namespace

double CoreStatistics::success_rate() const {
  return total() == 0 ? 0.0 : static_cast<double>(successful) / static_cast<double>(total());
}

double CoreStatistics::successful_ns_mean() const { return mean(successful_ns_sum, successful); }
double CoreStatistics::all_ns_mean() const {
  return mean(successful_ns_sum + failed_ns_sum, total());
}

CoreStatistics& CoreStatistics::operator+=(const CoreStatistics& other) {
  successful += other.successful;
  failed += other.failed;
  crashed += other.crashed;
  spiked += other.spiked;
  successful_ns_sum += other.successful_ns_sum;
  failed_ns_sum += other.failed_ns_sum;
  return *this;
}

CoreEvents latest_of(std::vector<ChaosEvent> events, std::uint64_t missed) {
  const std::size_t surplus = events.size() - std::min(events.size(), ChaosEventLog::kCapacity);
  const auto first = events.begin() + static_cast<std::ptrdiff_t>(surplus);
  std::nth_element(events.begin(), first, events.end(), EarlierEvent{});  // only these are sorted
  events.erase(events.begin(), first);
  std::sort(events.begin(), events.end(), EarlierEvent{});
  return {std::move(events), missed + surplus};
}

}  // namespace spate
