#include "step_length.h"

#include <algorithm>
#include <cmath>

namespace spate::bench {

std::int64_t step_length_ns(const RateGoal& goal, const Options& options, std::uint64_t rate) {
  constexpr double kMore = 1.25;  // not all that is sent is delivered
  constexpr std::int64_t kMost = 10;
  constexpr std::int64_t kRound = 100'000'000;
  const double per_second =
      static_cast<double>(rate) * options.plan.types.mean_fanout(options.agents.front());
  const double needed = kMore * static_cast<double>(goal.objective.deliveries_needed());
  const auto rounds =
      static_cast<std::int64_t>(std::min(std::ceil(needed / per_second * 1e9 / kRound), 1e9));
  return goal.duration_given
             ? options.duration_ns
             : std::clamp(rounds * kRound, options.duration_ns, kMost * options.duration_ns);
}

}  // namespace spate::bench
