// What a run shows of itself while it goes on.
#pragma once

#include <cstdint>
#include <vector>

#include "spate/chaos_events.h"
#include "spate/latency_recorder.h"

namespace spate {

// From the start up to now. Each worker's part is of one moment, at most a millisecond or so ago;
// different workers' are of different moments.
struct LiveCounts {
  std::uint64_t sent = 0;       // messages
  std::uint64_t expected = 0;   // deliveries that were attempted
  std::uint64_t delivered = 0;  // seen by their recipient
  std::uint64_t refused = 0;    // failed, crashed or rejected
  std::uint64_t spiked = 0;
  std::uint64_t crashed = 0;
  std::uint64_t other_faults = 0;  // of chaos: in bursts, reordered, duplicated, acks dropped

  LiveCounts& operator+=(const LiveCounts& other) {
    sent += other.sent;
    expected += other.expected;
    delivered += other.delivered;
    refused += other.refused;
    spiked += other.spiked;
    crashed += other.crashed;
    other_faults += other.other_faults;
    return *this;
  }
};

// Where an observer's last look ended. Default: at the beginning. One thread.
struct LiveCursor {
  std::vector<std::uint64_t> next_event;  // by worker
};

struct LiveReport {
  std::int64_t elapsed_ns = 0;  // since the schedule's zero; negative before it
  LiveCounts counts;
  LatencyRecorder response;               // of all that was delivered, known by its buckets only
  std::vector<ChaosEvent> chaos_events;   // since the last look; by time, t_ns after the start
  std::uint64_t chaos_events_missed = 0;  // overwritten between two looks
};

}  // namespace spate
