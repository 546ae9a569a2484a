// Settings of a core for tests: it does not sleep.
#pragma once

#include "spate/messaging_core.h"

namespace spate::testing_support {

constexpr std::int64_t kLatencyNs = 3'000'001;

// Everything happens: failures, crashes, spikes.
inline CoreSettings wild_settings() {
  CoreSettings settings;
  settings.seed = 42;
  settings.chaos = {"wild", Probability(0.1), Probability(0.2)};
  settings.sleep = false;
  return settings;
}

// Each latency is kLatencyNs.
inline CoreSettings even_settings() {
  CoreSettings settings = wild_settings();
  settings.mock.latency = LatencyModel::constant(kLatencyNs);
  settings.chaos.spike = Probability(0);
  return settings;
}

}  // namespace spate::testing_support
