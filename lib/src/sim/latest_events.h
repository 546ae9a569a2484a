// The latest chaos events of a simulation, whatever the order in which they come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "spate/chaos_events.h"

namespace spate {

// Keeps the kCapacity latest by EarlierEvent, so that what is kept does not depend on how the
// senders were shared out among threads. Amortised constant time an event. One thread.
class LatestEvents {
 public:
  static constexpr std::size_t kCapacity = ChaosEventLog::kCapacity;

  void record(const ChaosEvent& event) {
    ++recorded_;
    if (event.t_ns < oldest_wanted_ns_) {
      return;
    }
    events_.push_back(event);
    if (events_.size() == 2 * kCapacity) {
      drop_oldest();
    }
  }
  void merge(const LatestEvents& other) {
    recorded_ += other.recorded_;
    events_.insert(events_.end(), other.events_.begin(), other.events_.end());
    drop_oldest();
  }

  std::uint64_t recorded() const { return recorded_; }
  // By EarlierEvent, at most kCapacity.
  std::vector<ChaosEvent> sorted() {
    drop_oldest();
    std::sort(events_.begin(), events_.end(), EarlierEvent{});
    return events_;
  }

 private:
  void drop_oldest() {
    if (events_.size() <= kCapacity) {
      return;
    }
    const auto kept = events_.end() - static_cast<std::ptrdiff_t>(kCapacity);
    std::nth_element(events_.begin(), kept, events_.end(), EarlierEvent{});
    oldest_wanted_ns_ = kept->t_ns;
    events_.erase(events_.begin(), kept);
  }

  std::vector<ChaosEvent> events_;
  std::uint64_t recorded_ = 0;
  std::int64_t oldest_wanted_ns_ = kNotYet;
};

}  // namespace spate
