// A lane that allocates nothing: a ring behind a mutex.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "spate/parcels.h"

namespace spate::testing_support {

class RingLane {
 public:
  explicit RingLane(std::size_t capacity) : ring_(capacity) {}

  bool try_push(Parcel* parcel) {
    const std::lock_guard lock(mutex_);
    if (pushed_ - popped_ == ring_.size()) {
      return false;
    }
    ring_[pushed_++ % ring_.size()] = parcel;
    return true;
  }
  bool try_pop(Parcel*& parcel) {
    const std::lock_guard lock(mutex_);
    if (pushed_ == popped_) {
      return false;
    }
    parcel = ring_[popped_++ % ring_.size()];
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<Parcel*> ring_;
  std::size_t pushed_ = 0;
  std::size_t popped_ = 0;
};

}  // namespace spate::testing_support
