// The deliveries that a run can be made over, by name. To add one of Spate's: a line in modes.cc.
// To add one's own: the line of register.h, or, where more is to be said of it, register_mode() in
// one's own main, before bench_main() or stress_main().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spate/delivery.h"
#include "spate/delivery_setup.h"
#include "spate/fault_plan.h"
#include "spate/payload.h"
#include "spate/run_plan.h"

namespace spate::bench {

// What went wrong on the way of a delivery.
struct DeliveryTroubles {
  std::vector<std::string> lines;
  bool given_up = false;  // it sends or receives no more: the run is no measurement from there on
};

struct Mode {
  std::string_view name;
  // Makes the delivery for one run of a checked plan. Null in one mode only, which has none: `sim`,
  // whose runs are simulated.
  std::function<AnyDelivery(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads)>
      make;
  // What stands in the result file's context as this delivery's version, with how durable it is;
  // empty: ours.
  std::string version;
  // What went wrong since it was last asked: told, and kept with the run. May be null.
  std::function<DeliveryTroubles()> troubles = nullptr;
  // Lets the real faults of one run happen. May be null: nothing of it can be broken.
  std::function<std::unique_ptr<FaultInjector>(const RunPlan& plan)> faults = nullptr;
  // The Debian package that this build was made without, so that nothing can be made. Mostly empty.
  std::string_view lacks = {};

  bool simulated() const { return make == nullptr; }
  // Whether the mock draws its latencies and failures, on whichever clock: else it is a real one.
  bool mocked() const { return simulated() || name == "mock"; }
};

// The mode of a class that is made from a DeliverySetup. Its capacity: 65,536 messages over all
// workers, and with long payloads so many as 256 MiB have room for.
DeliverySetup setup_for(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads);
template <Delivery D>
Mode mode_of(std::string_view name, const std::string& version) {
  return {.name = name,
          .make =
              [](const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
                return AnyDelivery(std::make_unique<D>(setup_for(plan, payloads)));
              },
          .version = version};
}

// From then on --modes and --real know it. Before the programs' work begins, on their thread.
// Throws Error for a name that is taken, or that is not of letters, digits, '_' and '-' only, as
// names of benchmarks and lists on the command line need it; and for a mode that makes nothing.
void register_mode(const Mode& mode);

// Throws Error that names the known modes.
const Mode& mode_named(std::string_view name);
// Throws Error where this build cannot make it.
void check_built(const Mode& mode);
const std::vector<Mode>& all_modes();
// For people: "sim, mock, queue".
std::string mode_names();

}  // namespace spate::bench
