#include "spate/stress_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <random>
#include <system_error>
#include <thread>
#include <vector>

#include "fault_assessment.h"
#include "live_board.h"
#include "progress.h"
#include "report_assembly.h"
#include "spate/error.h"
#include "worker.h"

namespace spate {
namespace {

constexpr std::atomic<bool> kNeverStops{false};

// The schedule begins when all workers stand ready; the first messages are not late for that.
constexpr std::int64_t kStartAheadNs = 500'000;

RunPart part_of(const RunPlan& plan, const Worker& worker) {
  RunPart part{.sends = &worker.sent().tally(),
               .receipts = &worker.received().tally(),
               .sent = &worker.sent().ledger(),
               .seen = &worker.received().ledger(),
               .copies = plan.chaos.duplicate.never() ? nullptr : &worker.received().copies(),
               .findings = {},
               .chaos = worker.chaos().counts(),
               .shed = worker.shed(),
               .digest = worker.chaos().digest(),
               .mock_digest = worker.chaos().draws_digest(),
               .last_due_ns = worker.last_due_ns()};
  part.findings.reordered = worker.received().reordered();
  part.findings.aliens = worker.received().aliens();
  part.findings.corrupted = worker.received().corrupted();
  part.findings.misreported = worker.sent().misreported();
  return part;
}

// What the ledgers find when all has ended.
class FinalFindings final : public FindingSink {
 public:
  struct One {
    WorkerId sender;
    std::uint64_t ordinal;
    Finding finding;
  };
  void found(WorkerId sender, std::uint64_t ordinal, Finding finding) noexcept override {
    all_.push_back({sender, ordinal, finding});
  }
  const std::vector<One>& all() const { return all_; }

 private:
  std::vector<One> all_;
};

}  // namespace

struct StressRun::State {
  RunPlan plan;
  std::shared_ptr<const Payloads> payloads;
  const std::atomic<bool>& stop;
  Progress progress;
  std::vector<std::unique_ptr<LiveBoard>> boards;  // by worker; none where nobody may look
  std::vector<std::unique_ptr<Worker>> workers;
  std::int64_t start_ns = kNotYet;
  std::int64_t end_ns = kNotYet;  // all workers have ended
  FaultInjector* faults = nullptr;
  std::vector<ExecutedFault> executed_faults = {};
  // A copy for observers; relaxed, as it guards no other memory.
  std::atomic<std::int64_t> observed_start_ns{kNotYet};

  void report_latencies(RunReport& report) const;
  void report_events(RunReport& report) const;
  void report_faults(const FinalFindings& findings, RunReport& report) const;
};

StressRun::StressRun(const RunPlan& plan, AnyDelivery& delivery,
                     std::shared_ptr<const Payloads> payloads, const RunExtras& extras)
    : state_(new State{plan,
                       std::move(payloads),
                       extras.stop != nullptr ? *extras.stop : kNeverStops,
                       Progress(plan.workers, plan.agents, plan.rate == 0),
                       {},
                       {}}) {
  const RunPlan& own_plan = state_->plan;
  state_->faults = extras.faults;
  ChaosDelivery chaos(delivery, SteadyClock{}, own_plan.seed, own_plan.agents, own_plan.chaos,
                      static_cast<std::uint32_t>(own_plan.in_flight_limit_per_worker()));
  for (WorkerId worker = 0; worker < own_plan.workers; ++worker) {
    if (extras.observed == Observed::yes) {
      state_->boards.push_back(std::make_unique<LiveBoard>());
    }
    state_->workers.push_back(std::make_unique<Worker>(
        own_plan, worker, chaos.make_producer(worker), chaos.make_consumer(worker),
        *state_->payloads, state_->progress, state_->stop,
        extras.observed == Observed::yes ? state_->boards.back().get() : nullptr));
  }
  for (const auto& worker : state_->workers) {
    worker->watch(state_->workers);
    if (extras.faults != nullptr && extras.faults->receivers_stand() != nullptr) {
      worker->stand_while(*extras.faults->receivers_stand());
    }
  }
}
StressRun::~StressRun() = default;

void StressRun::execute(const SendingHooks& hooks) {
  // Workers wait in `started`; should a thread be refused, they are sent home again.
  std::latch started(1);
  bool complete = false;
  std::latch ready(static_cast<std::ptrdiff_t>(state_->workers.size()));
  std::latch sending(static_cast<std::ptrdiff_t>(state_->workers.size()));
  std::vector<std::thread> threads;
  threads.reserve(state_->workers.size());
  try {
    for (const auto& worker : state_->workers) {
      threads.emplace_back([&, worker = worker.get()] {
        ready.count_down();
        started.wait();
        if (complete) {
          worker->run(state_->start_ns, sending);
        }
      });
    }
    ready.wait();
    hooks.begins();
    const bool closed_loop = state_->plan.rate == 0;
    state_->start_ns = SteadyClock{}.now_ns() + (closed_loop ? 0 : kStartAheadNs);
    state_->observed_start_ns.store(state_->start_ns, std::memory_order_relaxed);
    if (state_->faults != nullptr) {
      state_->faults->start(state_->start_ns);
    }
    complete = true;
  } catch (const std::system_error&) {
    complete = false;  // said below, when nobody waits any more
  }
  started.count_down();
  if (complete) {
    sending.wait();
    hooks.ended();
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  state_->end_ns = SteadyClock{}.now_ns();
  if (state_->faults != nullptr) {
    state_->executed_faults = state_->faults->stop();
  }
  if (!complete && threads.size() == state_->workers.size()) {
    throw Error("the threads that let faults happen could not be started; give fewer --workers");
  }
  if (!complete) {
    throw Error(fmt::format("only {} of {} worker threads could be started; give fewer --workers",
                            threads.size(), state_->workers.size()));
  }
}

RunReport StressRun::report() const {
  RunReport report;
  report.interrupted = state_->stop.load();
  std::vector<RunPart> parts;
  for (const auto& worker : state_->workers) {
    parts.push_back(part_of(state_->plan, *worker));
  }
  FinalFindings findings;
  const bool wanted = state_->workers.front()->timeline() != nullptr;
  assemble(state_->plan, parts, {state_->start_ns, state_->end_ns - state_->start_ns}, report,
           wanted ? &findings : nullptr);
  state_->report_latencies(report);
  state_->report_events(report);
  if (wanted) {
    state_->report_faults(findings, report);
  }
  return report;
}

void StressRun::State::report_latencies(RunReport& report) const {
  for (const auto& worker : workers) {
    report.service.merge(worker->received().service());
    report.lateness.merge(worker->sent().lateness());
  }
}

void StressRun::State::report_events(RunReport& report) const {
  std::uint64_t recorded = 0;
  for (const auto& worker : workers) {
    const std::vector<ChaosEvent> kept = worker->chaos().events().kept();
    report.chaos_events.insert(report.chaos_events.end(), kept.begin(), kept.end());
    recorded += worker->chaos().events().recorded();
  }
  report.chaos_events_left_out = recorded - report.chaos_events.size();
  for (ChaosEvent& event : report.chaos_events) {
    event.t_ns -= start_ns;
  }
  std::sort(report.chaos_events.begin(), report.chaos_events.end(), EarlierEvent{});
}

void StressRun::State::report_faults(const FinalFindings& findings, RunReport& report) const {
  std::vector<TimelineRecorder*> recorders;
  for (const auto& worker : workers) {
    recorders.push_back(worker->timeline());
  }
  std::vector<RecordedSlice> slices = merged(recorders);
  for (const FinalFindings::One& one : findings.all()) {
    slices[recorders[one.sender]->slice_of(one.ordinal)].findings.add(one.finding);
  }
  const std::int64_t slice_ns = recorders.front()->slice_ns();
  report.timeline = timeline_of(slices, slice_ns);
  report.faults = assess({.slices = slices,
                          .slice_ns = slice_ns,
                          .schedule_ns = plan.duration_ns(),
                          .rate = plan.rate,
                          .arrivals = plan.arrivals,
                          .chaos_drops_acks = !plan.chaos.drop_ack.never(),
                          .recover_within_ns = plan.recover_within_ns},
                         executed_faults);
}

LiveReport StressRun::observe(LiveCursor& cursor) const {
  LiveReport report;
  LiveBoard::Buckets responses{};
  for (const auto& board : state_->boards) {
    report.counts += board->counts();
    board->add_responses_to(responses);
  }
  report.response = LatencyRecorder::from_counts(responses);
  cursor.next_event.resize(state_->workers.size());
  for (WorkerId worker = 0; worker < state_->workers.size(); ++worker) {
    const ChaosEventLog::Tail tail =
        state_->workers[worker]->chaos().events().since(cursor.next_event[worker]);
    cursor.next_event[worker] = tail.next;
    report.chaos_events_missed += tail.missed;
    report.chaos_events.insert(report.chaos_events.end(), tail.events.begin(), tail.events.end());
  }
  // After the events: who sees one sees the start, which was before it.
  const std::int64_t start_ns = state_->observed_start_ns.load(std::memory_order_relaxed);
  report.elapsed_ns = start_ns == kNotYet ? kNotYet : SteadyClock{}.now_ns() - start_ns;
  for (ChaosEvent& event : report.chaos_events) {
    event.t_ns -= start_ns;
  }
  std::sort(report.chaos_events.begin(), report.chaos_events.end(), EarlierEvent{});
  return report;
}

std::shared_ptr<const Payloads> payloads_for(const RunPlan& plan) {
  // Brokers are shared: a clock alone would give two machines the same key sooner or later.
  static const std::uint64_t process_key =
      std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  static std::atomic<std::uint64_t> runs{0};
  const std::uint64_t run_key = process_key + runs.fetch_add(1);
  Message last;
  last.sender = plan.agents - 1;
  last.recipient = plan.agents - 1;
  last.sequence = plan.messages_of(0);
  return std::make_shared<const Payloads>(plan.templates, plan.payload_bytes, run_key, last);
}

}  // namespace spate
