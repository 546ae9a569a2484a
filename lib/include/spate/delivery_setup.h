// What a delivery is made from.
#pragma once

#include <cstdint>
#include <memory>

#include "spate/inbox_layout.h"
#include "spate/payload.h"
#include "spate/run_plan.h"

namespace spate {

struct DeliverySetup {
  const RunPlan& plan;  // checked; it ends with the constructor's call
  std::shared_ptr<const Payloads> payloads;
  // How many messages of one worker's agents may be under way: beyond, try_send takes fewer.
  std::uint32_t capacity;

  InboxLayout layout() const { return {plan.agents, plan.workers}; }
};

}  // namespace spate
