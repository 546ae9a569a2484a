#include "spate/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "report_assembly.h"
#include "sim/closed_run.h"
#include "sim/direct.h"
#include "sim/open_run.h"
#include "spate/error.h"

namespace spate {
namespace {

constexpr std::atomic<bool> kNeverStops{false};

// Below so many deliveries a thread costs more than it spares.
constexpr double kDeliveriesWorthAThread = 50'000;

// Pending events; see micro/event_queue.
constexpr std::uint64_t kMostForHeap = 64;

// The direct way keeps 8 bytes for each message of Poisson arrivals: 64 MiB at the most, then it
// gives way to the order of time, where memory does not grow with the run.
constexpr std::uint64_t kMostKeptArrivals = std::uint64_t{1} << 23;

constexpr std::int64_t kMaxHorizonNs = 3'600'000'000'000;

// How many there are of a kind, at the most, when each of `trials` is one with probability p: 12
// standard deviations above the mean, and some for small numbers (Bernstein's inequality: one case
// in 10^30).
double most_of(double trials, double p) {
  return p <= 0 ? 0 : std::min(trials, trials * p + 12 * std::sqrt(trials * p) + 100);
}

// Deliveries due within `length_ns`, at the most.
double most_due(const RunPlan& plan, std::int64_t length_ns) {
  const double mean = static_cast<double>(plan.rate) * static_cast<double>(length_ns) * 1e-9 + 1;
  double messages = plan.arrivals == Arrivals::constant ? mean : mean + 12 * std::sqrt(mean) + 100;
  messages = std::min(messages, static_cast<double>(plan.messages));
  const double broadcasts = most_of(
      messages, (plan.types.mean_fanout(plan.agents) - 1) / std::max(1.0, plan.agents - 2.0));
  return messages + broadcasts * (plan.agents - 2.0);
}

RunPart part_of(const SimulationRecord& record) {
  RunPart part{.sends = &record.sends,
               .receipts = &record.receipts,
               .findings = record.account,
               .chaos = record.chaos,
               .shed = record.shed,
               .digest = record.digest,
               .mock_digest = record.mock_digest,
               .last_due_ns = record.last_due_ns};
  part.findings.reordered = record.reordered;
  return part;
}

RunReport report_of(const RunPlan& plan, std::span<const SimulationRecord* const> records,
                    bool interrupted) {
  RunReport report;
  report.interrupted = interrupted;
  std::vector<RunPart> parts;
  LatestEvents events;
  std::int64_t end_ns = 0;
  for (const SimulationRecord* record : records) {
    parts.push_back(part_of(*record));
    events.merge(record->events);
    end_ns = std::max({end_ns, record->end_ns, record->last_due_ns});
  }
  assemble(plan, parts, {0, end_ns}, report);
  // Nothing is sent late, so from the actual send it takes as long as from the intended one.
  report.service = report.response;
  std::array<std::uint64_t, LatencyRecorder::kBuckets> lateness{};
  lateness[0] = report.total.expected;
  report.lateness = LatencyRecorder::from_counts(lateness);
  report.chaos_events = events.sorted();
  report.chaos_events_left_out = events.recorded() - report.chaos_events.size();
  return report;
}

std::uint32_t threads_for(const RunPlan& plan) {
  const double deliveries =
      static_cast<double>(plan.messages) * plan.types.mean_fanout(plan.agents);
  const auto worth = static_cast<std::uint32_t>(
      std::min<double>(deliveries / kDeliveriesWorthAThread, plan.workers));
  return std::clamp(worth, 1U, plan.agents);
}

// The first part on this thread.
void run_all(std::vector<std::unique_ptr<DirectPart>>& parts) {
  std::vector<std::thread> threads;
  try {
    for (std::size_t part = 1; part < parts.size(); ++part) {
      threads.emplace_back([&, part] { parts[part]->run(); });
    }
  } catch (const std::system_error&) {
    for (std::thread& thread : threads) {
      thread.join();
    }
    throw Error(fmt::format("only {} of {} worker threads could be started; give fewer --workers",
                            threads.size() + 1, parts.size()));
  }
  parts.front()->run();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

RunReport go_direct(const RunPlan& plan, const std::atomic<bool>& stop) {
  const DueTable due(plan);
  std::vector<std::unique_ptr<DirectPart>> parts;
  std::vector<const SimulationRecord*> records;
  const std::uint32_t threads = threads_for(plan);
  for (std::uint32_t part = 0; part < threads; ++part) {
    parts.push_back(std::make_unique<DirectPart>(plan, due, part, threads, stop));
    records.push_back(&parts.back()->record());
  }
  run_all(parts);
  return report_of(plan, records, stop.load());
}

// `args`: what Run's constructor takes between the plan and `stop`.
template <class Run, class... Args>
RunReport go_in_order(const RunPlan& plan, const std::atomic<bool>& stop, Args&&... args) {
  const auto run = std::make_unique<Run>(plan, std::forward<Args>(args)..., stop);
  run->run();
  const std::array records{&run->record()};
  return report_of(plan, records, stop.load());
}

// Of a closed loop: with a full window under way, each waits for a server as long as those before
// it are served.
EndWheel wheel_for(const RunPlan& plan) {
  const std::uint64_t most = std::max<std::uint64_t>(plan.in_flight_limit, plan.agents);
  const std::uint64_t usual = std::min(most, std::uint64_t{plan.agents} * plan.window);
  const std::uint32_t servers = plan.mock.station.servers;
  const std::uint64_t turns = servers == 0 ? 1 : usual / servers + 1;
  const auto horizon_ns = std::min<Uint128>(
      Uint128{turns} * static_cast<std::uint64_t>(plan.mock.usual_latency_max_ns()), kMaxHorizonNs);
  return {static_cast<std::uint32_t>(most), static_cast<std::int64_t>(horizon_ns)};
}

}  // namespace

bool may_go_direct(const RunPlan& plan) {
  const ChaosProfile& chaos = plan.chaos;
  const bool separate = chaos.downtime_ns == 0 && chaos.bursts.never() && chaos.duplicate.never() &&
                        chaos.drop_ack.never() && !plan.mock.station.shared();
  if (plan.rate == 0 || !separate) {
    return false;
  }
  const std::int64_t latency_ns = plan.mock.latency_max_ns();
  const double held = most_of(most_due(plan, latency_ns + chaos.longest_hold_ns()),
                              std::min(1.0, chaos.spike.value() + chaos.reorder.value()));
  return most_due(plan, latency_ns) + held <= static_cast<double>(plan.in_flight_limit);
}

SimulationWay best_way(const RunPlan& plan) {
  const bool in_memory = plan.arrivals == Arrivals::constant || plan.messages <= kMostKeptArrivals;
  // The ring of a trace keeps what comes last: it must come in the order of time.
  if (may_go_direct(plan) && plan.traced_deliveries == 0 && in_memory) {
    return SimulationWay::direct;
  }
  return std::uint64_t{plan.agents} * plan.window <= kMostForHeap ? SimulationWay::heap
                                                                  : SimulationWay::wheel;
}

RunReport simulate(const RunPlan& plan, const SimulationOptions& options) {
  const std::atomic<bool>& stop = options.stop != nullptr ? *options.stop : kNeverStops;
  const SimulationWay way = options.way == SimulationWay::best ? best_way(plan) : options.way;
  if (way == SimulationWay::direct) {
    return go_direct(plan, stop);
  }
  if (plan.rate > 0) {
    return go_in_order<OpenRun>(plan, stop);
  }
  return way == SimulationWay::heap ? go_in_order<ClosedRun<EndHeap>>(plan, stop, EndHeap())
                                    : go_in_order<ClosedRun<EndWheel>>(plan, stop, wheel_for(plan));
}

}  // namespace spate
