// max0x7ba's atomic_queue: a ring of pointers.
#include <atomic_queue/atomic_queue.h>

#include <atomic>

#include "queues.h"
#include "spate/lane_delivery.h"

namespace spate::bench {
namespace {

// Not lock-free: who pops waits, spinning, for the push whose turn it is, and likewise the other
// way round when the ring is full. Its pop is an exchange that only releases, so what was written
// before the push is taken over by a fence behind it.
class AtomicQueueLane {
 public:
  explicit AtomicQueueLane(std::size_t capacity) : queue_(static_cast<unsigned>(capacity)) {}

  bool try_push(Parcel* parcel) { return queue_.try_push(parcel); }
  bool try_pop(Parcel*& parcel) {
    if (!queue_.try_pop(parcel)) {
      return false;
    }
    std::atomic_thread_fence(std::memory_order_acquire);  // partner: the push's release
    return true;
  }

 private:
  ::atomic_queue::AtomicQueueB<Parcel*> queue_;
};

AnyDelivery make(const DeliverySetup& setup) {
  return AnyDelivery(std::make_unique<LaneDelivery<AtomicQueueLane>>(setup));
}

}  // namespace

Queue atomic_queue() {
  // Its headers do not say which version they are.
  return {"atomic_queue", make, "atomic_queue::AtomicQueueB, in process, not durable",
          "libatomic-queue-dev"};
}

}  // namespace spate::bench
