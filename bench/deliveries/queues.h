// In-process queues that others wrote, as deliveries: to be measured beside one's own.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "spate/delivery.h"
#include "spate/delivery_setup.h"

namespace spate::bench {

struct Queue {
  std::string_view name;
  AnyDelivery (*make)(const DeliverySetup& setup);  // null: this build is without it
  std::string version;
  std::string_view package;  // Debian's, that it needs
};

// Each in a file of its name, with the progress guarantee of its lane.
Queue mutex_queue();
Queue boost_queue();
Queue tbb_queue();
Queue atomic_queue();

std::array<Queue, 4> all_queues();

}  // namespace spate::bench
