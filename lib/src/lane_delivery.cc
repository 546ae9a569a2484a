#include "spate/lane_delivery.h"

namespace spate {

std::size_t lane_capacity(const DeliverySetup& setup) {
  constexpr std::size_t kMostInOne = 4096;
  constexpr std::size_t kMostInAll = 1 << 19;
  const std::size_t parcels = std::size_t{setup.capacity} * setup.plan.workers;
  return std::min({parcels, kMostInOne, kMostInAll / setup.layout().lanes()});
}

}  // namespace spate
