// What many programs begin with: a deque behind a mutex.
#include <deque>
#include <mutex>

#include "queues.h"
#include "spate/lane_delivery.h"

namespace spate::bench {
namespace {

// Blocking: a thread that stalls while it holds the mutex stops all who need this lane.
class MutexLane {
 public:
  explicit MutexLane(std::size_t capacity) : capacity_(capacity) {}

  bool try_push(Parcel* parcel) {
    const std::lock_guard lock(mutex_);
    if (parcels_.size() == capacity_) {
      return false;
    }
    parcels_.push_back(parcel);
    return true;
  }
  bool try_pop(Parcel*& parcel) {
    const std::lock_guard lock(mutex_);
    if (parcels_.empty()) {
      return false;
    }
    parcel = parcels_.front();
    parcels_.pop_front();
    return true;
  }

 private:
  std::size_t capacity_;
  std::mutex mutex_;
  std::deque<Parcel*> parcels_;
};

AnyDelivery make(const DeliverySetup& setup) {
  return AnyDelivery(std::make_unique<LaneDelivery<MutexLane>>(setup));
}

}  // namespace

Queue mutex_queue() {
  return {"mutex", make, "std::deque behind a std::mutex, in process, not durable", ""};
}

}  // namespace spate::bench
