// What a plan comes to on the mock, on average: computed beforehand, from the plan alone.
#pragma once

#include "spate/run_plan.h"

namespace spate {

// Deliveries per second: what an open loop asks for, or what a closed loop can have, by Little's
// law (Little, "A proof for the queuing formula L = λW", Operations Research 9, 1961) and by the
// station's capacity. Downtimes are left out: they make it more.
double mean_deliveries_per_second(const RunPlan& plan);

// ρ of an open loop: the share of the station's capacity that is asked for. From 1 on its queue
// grows until the in-flight limit stops it. 0 without a capacity, and in a closed loop. Downtimes
// are left out: they make it less.
double offered_load(const RunPlan& plan);

}  // namespace spate
