// What a run returns.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "spate/chaos_events.h"
#include "spate/fault_report.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/message.h"
#include "spate/timeline.h"
#include "spate/trace.h"

namespace spate {

// Expected deliveries by what became of them, and messages sent.
struct Tally {
  std::uint64_t sent = 0;       // messages
  std::uint64_t expected = 0;   // deliveries: a broadcast counts each recipient
  std::uint64_t delivered = 0;  // seen by their recipient
  std::uint64_t refused = 0;    // failed, crashed or rejected

  double success_rate() const {
    return expected == 0 ? 0.0 : static_cast<double>(delivered) / static_cast<double>(expected);
  }
};

// One agent, as the sender; or one message type. `delivered` counts what receivers saw, whatever
// the sender knew: the groups add up to the total wherever the ledger is clean.
struct GroupReport {
  Tally tally;
  double response_mean_ns = 0.0;
  std::int64_t response_p99_ns = 0;
  std::int64_t last_activity_ns = -1;  // last send or receipt, after the start; -1: none
};

struct WindowReport {
  std::uint64_t delivered = 0;  // with 0 the times say nothing
  std::int64_t response_p50_ns = 0;
  std::int64_t response_p99_ns = 0;
};

inline constexpr std::size_t kWindows = 10;

struct RunReport {
  Tally total;
  std::uint64_t failed = 0;
  std::uint64_t crashed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t spiked = 0;
  std::uint64_t reorders_injected = 0;    // by chaos: held back so that others overtake them
  std::uint64_t burst_failures = 0;       // of those that failed
  std::uint64_t duplicates_injected = 0;  // copies that the delivery took; no ledger knows them
  std::uint64_t acks_dropped = 0;
  std::uint64_t shed = 0;  // expected deliveries that were due and never attempted
  Account account;

  LatencyRecorder response;                    // receive - intended send
  LatencyRecorder service;                     // receive - actual send
  LatencyRecorder lateness;                    // actual - intended send
  std::array<WindowReport, kWindows> windows;  // slices of equal numbers of messages
  std::vector<GroupReport> agents;
  std::array<GroupReport, kMessageTypes> types;

  std::int64_t send_ns = 0;    // from the start to the last send, or to the schedule's end
  double rate_achieved = 0.0;  // messages sent per second of send_ns
  // Messages per second of the schedule: with Poisson arrivals not quite the plan's rate.
  double rate_due = 0.0;
  bool saturated = false;    // the generator or the delivery could not keep the asked rate
  bool interrupted = false;  // stopped from outside: all of this is of a part of the run

  std::uint64_t digest = 0;              // what the seed fixes in every mode
  std::uint64_t mock_digest = 0;         // what only the mock draws; 0 elsewhere
  std::vector<ChaosEvent> chaos_events;  // by time, t_ns after the start
  std::uint64_t chaos_events_left_out = 0;
  std::vector<TracedDelivery> trace;  // the latest, by receipt; empty unless the plan asks for it
  std::uint64_t trace_left_out = 0;
  // Of a run with real faults.
  std::optional<FaultsReport> faults;
  std::optional<Timeline> timeline;

  // The ledger's identity, checked against the counters that were kept beside it.
  bool balanced() const;
  // Balanced, and nothing lost, duplicated, anomalous, alien, corrupted or misreported. But where
  // connections or brokers broke, at least once is what a delivery can promise: what came twice is
  // counted, and no finding.
  bool clean() const;
};

}  // namespace spate
