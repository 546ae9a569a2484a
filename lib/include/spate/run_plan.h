// Everything that defines one run: plan in, report out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spate/agents.h"
#include "spate/chaos_profile.h"
#include "spate/content.h"
#include "spate/ledger_window.h"
#include "spate/mock_delivery.h"
#include "spate/schedule.h"

namespace spate {

struct RunPlan {
  std::string mode = "mock";
  std::uint32_t agents = 9;
  // Messages per second over all agents together: an open loop. 0: a closed loop, in which each
  // agent keeps `window` expected deliveries in flight. (Deliveries, so that a broadcast is in
  // flight until its last recipient has it.)
  std::uint64_t rate = 100;
  Arrivals arrivals = Arrivals::constant;  // of an open loop
  std::uint32_t window = 64;
  // How many messages all agents together send. In an open loop: rate × duration.
  std::uint64_t messages = 1000;
  std::uint64_t seed = 1;
  std::uint32_t workers = 1;
  TypeMix types;
  ContentTemplates templates = ContentTemplates::built_in();
  std::optional<std::uint32_t> payload_bytes;  // unset: as long as the content is
  ChaosProfile chaos;
  MockSettings mock;
  // Expected deliveries that may be under way at once; what is due beyond is shed, and counted.
  // At least one broadcast per worker is always allowed.
  std::uint64_t in_flight_limit = std::uint64_t{1} << 20;
  // The report has so many of the latest deliveries one by one. Changes nothing else. (Each worker
  // keeps so many: 48 bytes each.)
  std::uint32_t traced_deliveries = 0;
  // The schedule may be overrun by so much; what is left then is shed. And after the last send the
  // run waits so long, beyond the longest delay that was asked for, for what is still under way.
  std::int64_t overrun_limit_ns = 5'000'000'000;
  std::int64_t drain_limit_ns = 2'000'000'000;
  // After its last real fault the run must flow again within so long.
  std::int64_t recover_within_ns = 5'000'000'000;

  // How much of the ledger is kept as bits. Unset: what the run needs. Changes no count, unless it
  // is less than that; it is there for tests, which would otherwise take millions of deliveries to
  // leave the first window.
  std::optional<LedgerWindow> ledger_window;

  // Length of the schedule; 0 in a closed loop. With Poisson arrivals: its mean.
  std::int64_t duration_ns() const;
  // How many messages `sender` sends: they are dealt out in turn.
  std::uint64_t messages_of(AgentId sender) const {
    return messages / agents + (sender < messages % agents ? 1 : 0);
  }
  std::uint64_t messages_of_worker(WorkerId worker) const;
  std::uint64_t in_flight_limit_per_worker() const;
  LedgerWindow ledger_window_of_run() const {
    return ledger_window.value_or(LedgerWindow::of_run(workers, in_flight_limit_per_worker()));
  }
};

// Throws Error, one line, for the first value out of range.
void check(const RunPlan& plan);
// Its parts, for what has only these.
void check_agents(std::uint32_t agents);
void check(const MockSettings& mock);
void check_slow_agents(const MockSettings& mock, std::uint32_t agents);
void check(const ChaosProfile& chaos);

// Limits, as the messages of check() name them.
inline constexpr std::uint32_t kMaxAgents = 1'000'000;
inline constexpr std::uint32_t kMaxWorkers = 256;
inline constexpr std::uint64_t kMaxRate = 1'000'000'000;
inline constexpr std::uint64_t kMaxMessages =
    9'000'000'000;  // at 1 a second a time holds just that
inline constexpr std::uint32_t kMaxTraced = 10'000'000;
inline constexpr std::uint32_t kMaxServers = 1'000'000;
inline constexpr std::uint32_t kMaxWindow = 1'000'000;
inline constexpr std::uint32_t kMaxPayloadBytes = 1 << 20;
inline constexpr std::uint64_t kMaxInFlight = std::uint64_t{1} << 24;
inline constexpr std::uint32_t kMinSlowThousandths = 1000;
inline constexpr std::uint32_t kMaxSlowThousandths = 1'000'000;
// Of a run with real faults: beyond, the slices of its timeline would be longer than a second.
inline constexpr std::int64_t kMaxFaultedNs = 29 * std::int64_t{3'600'000'000'000};
// Of any delay: kMaxDelayNs, in latency_model.h.

}  // namespace spate
