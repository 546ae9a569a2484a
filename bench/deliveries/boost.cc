// boost::lockfree::queue, with its nodes from the beginning.
#include <fmt/format.h>

#include <boost/lockfree/queue.hpp>
#include <boost/version.hpp>

#include "queues.h"
#include "spate/lane_delivery.h"

namespace spate::bench {
namespace {

// Lock-free on both sides: a list of Michael and Scott's, with a free list of its nodes.
class BoostLane {
 public:
  explicit BoostLane(std::size_t capacity) : queue_(capacity) {}

  bool try_push(Parcel* parcel) { return queue_.bounded_push(parcel); }
  bool try_pop(Parcel*& parcel) { return queue_.pop(parcel); }

 private:
  boost::lockfree::queue<Parcel*> queue_;
};

AnyDelivery make(const DeliverySetup& setup) {
  return AnyDelivery(std::make_unique<LaneDelivery<BoostLane>>(setup));
}

}  // namespace

Queue boost_queue() {
  return {"boost", make,
          fmt::format("boost::lockfree::queue, Boost {}.{}.{}, in process, not durable",
                      BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100),
          "libboost-dev"};
}

}  // namespace spate::bench
