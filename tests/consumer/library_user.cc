// Uses the library alone: its headers, what is compiled of it, and the queue in its interface.
#include <cstdio>

#include "spate/agent_message.h"
#include "spate/queue_processor.h"
#include "spate/simulation.h"
#include "spate/version.h"

namespace {

bool drains_a_queue() {
  spate::QueueProcessor<int> processor({.threads = 1, .capacity = 10}, [](int /*message*/) {});
  const bool taken = processor.try_submit(1);
  processor.start();
  processor.stop();
  return taken && processor.statistics().submitted == 1;
}

}  // namespace

int main() {
  spate::RunPlan plan;
  plan.chaos = spate::ChaosProfile::on();
  spate::check(plan);
  const spate::RunReport report = spate::simulate(plan);
  std::printf("%s = %d.%d.%d: %llu deliveries\n", spate::kVersion.data(), SPATE_VERSION_MAJOR,
              SPATE_VERSION_MINOR, SPATE_VERSION_PATCH,
              static_cast<unsigned long long>(report.total.expected));
  return report.clean() && drains_a_queue() ? 0 : 1;
}
