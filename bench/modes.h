// The deliveries that a run can be made over, by name. To add one: a line in modes.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "spate/delivery.h"
#include "spate/payload.h"
#include "spate/run_plan.h"

namespace spate::bench {

struct Mode {
  std::string_view name;
  // Makes the delivery for one run of a checked plan.
  AnyDelivery (*make)(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads);
  // What stands in the result file's context as this delivery's version; empty: ours.
  std::string_view version;
};

// Throws Error that names the known modes.
const Mode& mode_named(std::string_view name);
const std::vector<Mode>& all_modes();
// For people: "mock, queue".
std::string mode_names();

}  // namespace spate::bench
