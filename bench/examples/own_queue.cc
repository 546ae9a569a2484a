// A queue of one's own under Spate's load: own_queue --real=mine --rate 10000 --chaos
#include <mutex>
#include <queue>

#include "spate/bench/register.h"
#include "spate/lane_delivery.h"

struct MyLane {
  bool try_push(spate::Parcel* parcel) {
    const std::lock_guard lock(mutex);
    parcels.push(parcel);
    return true;  // false where it is full: this one never is, and the parcels are its bound
  }
  bool try_pop(spate::Parcel*& parcel) {
    const std::lock_guard lock(mutex);
    if (parcels.empty()) {
      return false;
    }
    parcel = parcels.front();
    parcels.pop();
    return true;
  }
  std::mutex mutex;
  std::queue<spate::Parcel*> parcels;
};
SPATE_DELIVERY("mine", spate::LaneDelivery<MyLane>, "std::queue behind a mutex");
