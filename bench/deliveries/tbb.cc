// oneTBB's concurrent_queue. It knows no bound: the parcels are it.
#include <fmt/format.h>
#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/version.h>

#include "queues.h"
#include "spate/lane_delivery.h"

namespace spate::bench {
namespace {

// Not lock-free: whoever writes the first item of a page waits for the one who makes that page, and
// who pops for the push whose turn it is. It allocates and frees pages as it goes.
class TbbLane {
 public:
  bool try_push(Parcel* parcel) {
    queue_.push(parcel);
    return true;
  }
  bool try_pop(Parcel*& parcel) { return queue_.try_pop(parcel); }

 private:
  oneapi::tbb::concurrent_queue<Parcel*> queue_;
};

AnyDelivery make(const DeliverySetup& setup) {
  return AnyDelivery(std::make_unique<LaneDelivery<TbbLane>>(setup));
}

}  // namespace

Queue tbb_queue() {
  return {"tbb", make,
          fmt::format("tbb::concurrent_queue, oneTBB {}.{}.{}, in process, not durable",
                      TBB_VERSION_MAJOR, TBB_VERSION_MINOR, TBB_VERSION_PATCH),
          "libtbb-dev"};
}

}  // namespace spate::bench
