#include "ratios.h"

#include <fmt/format.h>

namespace spate::bench {

const std::map<std::string, Claim>& claims() {
  static const std::map<std::string, Claim> claims{
      {"one message without waiting",
       {"micro/decide_and_record", "reference/decide_and_record", false, 2.0}},
      {"queue against a bare loop over it", {"peer/queue", "reference/moodycamel", true, 0.8}},
  };
  return claims;
}

void print_ratios(std::FILE* out, const Times& times) {
  for (const auto& [what, claim] : claims()) {
    const auto own = times.find(claim.benchmark);
    const auto reference = times.find(claim.reference);
    if (own == times.end() || reference == times.end()) {
      continue;
    }
    const double ratio =
        claim.more_is_better ? reference->second / own->second : own->second / reference->second;
    fmt::print(out, "{}: {} is {:.2f} x {} in {} (wanted: {} {})\n", what, claim.benchmark, ratio,
               claim.reference, claim.more_is_better ? "throughput" : "time",
               claim.more_is_better ? ">=" : "<=", claim.limit);
  }
}

}  // namespace spate::bench
