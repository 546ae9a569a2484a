#include "spate/fault_plan.h"

#include <algorithm>

#include "spate/random.h"

namespace spate {

std::vector<Fault> scheduled(std::span<const Fault> plan, std::uint64_t seed) {
  std::vector<Fault> all(plan.begin(), plan.end());
  for (std::size_t index = 0; index < all.size(); ++index) {
    Fault& fault = all[index];
    const MessageDraws draws(seed, 0, index);
    fault.at_ns += static_cast<std::int64_t>(
        scaled(draws.draw(Purpose::fault_begin), static_cast<std::uint64_t>(fault.spread_ns) + 1));
    fault.spread_ns = 0;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Fault& a, const Fault& b) { return a.at_ns < b.at_ns; });
  return all;
}

}  // namespace spate
