#include "spate/chaos_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "spate/error.h"

namespace spate {

ChaosProfile ChaosProfile::storm() {
  ChaosProfile storm;
  storm.name = "storm";
  storm.crash = Probability(0.002);
  storm.downtime_ns = 5'000'000;
  storm.bursts = {Probability(0.002), Probability(0.05), Probability(0.8)};
  storm.spike = Probability(0.05);
  storm.reorder = Probability(0.02);
  storm.duplicate = Probability(0.01);
  storm.drop_ack = Probability(0.01);
  return storm;
}

ChaosProfile ChaosProfile::named(std::string_view name) {
  for (ChaosProfile profile : {off(), on(), storm()}) {
    if (profile.name == name) {
      return profile;
    }
  }
  throw Error(
      fmt::format("unknown chaos profile '{}'; use {}", name, fmt::join(kChaosProfileNames, ", ")));
}

}  // namespace spate
