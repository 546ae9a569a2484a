#include "spate/stress_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "live_board.h"
#include "progress.h"
#include "spate/error.h"
#include "spate/random.h"
#include "worker.h"

namespace spate {
namespace {

constexpr std::atomic<bool> kNeverStops{false};

// The schedule begins when all workers stand ready; the first messages are not late for that.
constexpr std::int64_t kStartAheadNs = 500'000;

constexpr double kAchievedEnough = 0.99;

void add(Tally& sum, const SenderBook::Group& group) {
  sum.sent += group.sent;
  sum.expected += group.expected;
  sum.refused += group.refused;
}

std::int64_t after_start(std::int64_t at_ns, std::int64_t start_ns) {
  return at_ns == kNotYet ? -1 : at_ns - start_ns;
}

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
  // A copy for observers; relaxed, as it guards no other memory.
  std::atomic<std::int64_t> observed_start_ns{kNotYet};

  void report_counts(RunReport& report) const;
  void report_account(RunReport& report) const;
  void report_latencies(RunReport& report) const;
  void report_agents(RunReport& report) const;
  void report_types(RunReport& report) const;
  void report_rate(RunReport& report) const;
  std::int64_t schedule_length_ns() const;
  void report_events(RunReport& report) const;
};

StressRun::StressRun(const RunPlan& plan, AnyDelivery& delivery,
                     std::shared_ptr<const Payloads> payloads, const std::atomic<bool>* stop,
                     Observed observed)
    : state_(new State{plan,
                       std::move(payloads),
                       stop != nullptr ? *stop : kNeverStops,
                       Progress(plan.workers, plan.agents, plan.rate == 0),
                       {},
                       {}}) {
  const RunPlan& own_plan = state_->plan;
  ChaosDelivery chaos(delivery, SteadyClock{}, own_plan.seed, own_plan.agents, own_plan.chaos,
                      static_cast<std::uint32_t>(own_plan.in_flight_limit_per_worker()));
  for (WorkerId worker = 0; worker < own_plan.workers; ++worker) {
    if (observed == Observed::yes) {
      state_->boards.push_back(std::make_unique<LiveBoard>());
    }
    state_->workers.push_back(std::make_unique<Worker>(
        own_plan, worker, chaos.make_producer(worker), chaos.make_consumer(worker),
        *state_->payloads, state_->progress, state_->stop,
        observed == Observed::yes ? state_->boards.back().get() : nullptr));
  }
}
StressRun::~StressRun() = default;

void StressRun::execute(const std::function<void()>& all_sent) {
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
    const bool closed_loop = state_->plan.rate == 0;
    state_->start_ns = SteadyClock{}.now_ns() + (closed_loop ? 0 : kStartAheadNs);
    state_->observed_start_ns.store(state_->start_ns, std::memory_order_relaxed);
    complete = true;
  } catch (const std::system_error&) {
    complete = false;  // said below, when nobody waits any more
  }
  started.count_down();
  if (complete) {
    sending.wait();
    all_sent();
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  state_->end_ns = SteadyClock{}.now_ns();
  if (!complete) {
    throw Error(fmt::format("only {} of {} worker threads could be started; give fewer --workers",
                            threads.size(), state_->workers.size()));
  }
}

RunReport StressRun::report() const {
  RunReport report;
  report.interrupted = state_->stop.load();
  state_->report_counts(report);
  state_->report_account(report);
  state_->report_latencies(report);
  state_->report_agents(report);
  state_->report_types(report);
  state_->report_rate(report);
  state_->report_events(report);
  return report;
}

void StressRun::State::report_counts(RunReport& report) const {
  for (const auto& worker : workers) {
    report.failed += worker->sent().outcomes(Outcome::failed);
    report.crashed += worker->sent().outcomes(Outcome::crashed);
    report.rejected += worker->sent().outcomes(Outcome::rejected);
    const ChaosCounts& chaos = worker->chaos().counts();
    report.spiked += chaos.spiked;
    report.reorders_injected += chaos.reordered;
    report.burst_failures += chaos.burst_failures;
    report.duplicates_injected += chaos.duplicates;
    report.acks_dropped += chaos.acks_dropped;
    report.shed += worker->shed();
    report.digest += worker->chaos().digest();
    report.mock_digest += worker->chaos().draws_digest();
  }
}

void StressRun::State::report_account(RunReport& report) const {
  std::vector<const SentLedger*> sent;
  std::vector<const SeenLedger*> seen;
  std::vector<const SeenLedger*> copies;
  for (const auto& worker : workers) {
    sent.push_back(&worker->sent().ledger());
    seen.push_back(&worker->received().ledger());
    copies.push_back(&worker->received().copies());
  }
  report.account = reconcile(sent, seen);
  report.account.duplicated += reconcile(sent, copies).duplicated;
  for (const auto& worker : workers) {
    report.account.reordered += worker->received().reordered();
    report.account.aliens += worker->received().aliens();
    report.account.corrupted += worker->received().corrupted();
    report.account.misreported += worker->sent().misreported();
  }
  report.total.delivered = report.account.delivered();
}

void StressRun::State::report_latencies(RunReport& report) const {
  for (std::size_t window = 0; window < kWindows; ++window) {
    LatencyRecorder merged;
    for (const auto& worker : workers) {
      merged.merge(worker->received().window(window));
    }
    report.windows[window] = {merged.count(), merged.quantile(0.5), merged.quantile(0.99)};
    report.response.merge(merged);
  }
  for (const auto& worker : workers) {
    report.service.merge(worker->received().service());
    report.lateness.merge(worker->sent().lateness());
  }
}

void StressRun::State::report_agents(RunReport& report) const {
  AgentLatencies latencies = workers.front()->received().by_sender();
  for (std::size_t other = 1; other < workers.size(); ++other) {
    latencies.merge(workers[other]->received().by_sender());
  }
  report.agents.resize(plan.agents);
  for (AgentId agent = 0; agent < plan.agents; ++agent) {
    const SenderBook::Group& group = workers[agent % plan.workers]->sent().group(agent);
    GroupReport& out = report.agents[agent];
    add(out.tally, group);
    out.tally.delivered = latencies.count(agent);
    out.response_mean_ns = latencies.mean(agent);
    out.response_p99_ns = latencies.quantile(agent, 0.99);
    std::int64_t last_ns = group.last_sent_ns;
    for (const auto& worker : workers) {
      last_ns = std::max(last_ns, worker->received().last_received_ns(agent));
    }
    out.last_activity_ns = after_start(last_ns, start_ns);
  }
}

void StressRun::State::report_types(RunReport& report) const {
  for (std::size_t index = 0; index < kMessageTypes; ++index) {
    const auto type = static_cast<MessageType>(index);
    GroupReport& out = report.types[index];
    LatencyRecorder response;
    std::int64_t last_ns = kNotYet;
    for (const auto& worker : workers) {
      add(out.tally, worker->sent().group(type));
      response.merge(worker->received().by_type(type));
      last_ns = std::max({last_ns, worker->sent().group(type).last_sent_ns,
                          worker->received().last_received_ns(type)});
    }
    out.tally.delivered = response.count();
    out.response_mean_ns = response.mean();
    out.response_p99_ns = response.quantile(0.99);
    out.last_activity_ns = after_start(last_ns, start_ns);
    report.total.sent += out.tally.sent;
    report.total.expected += out.tally.expected;
    report.total.refused += out.tally.refused;
  }
}

void StressRun::State::report_rate(RunReport& report) const {
  std::int64_t last_sent_ns = start_ns;
  for (const auto& worker : workers) {
    last_sent_ns = std::max(last_sent_ns, worker->sent().last_sent_ns());
  }
  report.send_ns = last_sent_ns - start_ns;
  const std::int64_t schedule_ns = schedule_length_ns();
  // Till when there might have been more to send.
  const std::int64_t stopped_ns = std::min(end_ns - start_ns, schedule_ns);
  report.send_ns = std::max(report.send_ns, report.interrupted ? stopped_ns : schedule_ns);
  if (report.send_ns > 0) {
    report.rate_achieved =
        static_cast<double>(report.total.sent) * 1e9 / static_cast<double>(report.send_ns);
  }
  // Of what the schedule asked for, which with Poisson arrivals is not quite the rate.
  const double asked = schedule_ns == 0 ? 0.0
                                        : static_cast<double>(plan.messages) * 1e9 /
                                              static_cast<double>(schedule_ns);
  report.saturated =
      !report.interrupted && (report.shed > 0 || report.rate_achieved < kAchievedEnough * asked);
}

// The last message of a schedule is due one interval before its end. 0 in a closed loop.
std::int64_t StressRun::State::schedule_length_ns() const {
  std::int64_t length_ns = plan.duration_ns();
  for (const auto& worker : workers) {
    if (plan.rate > 0) {
      length_ns = std::max(length_ns, worker->last_due_ns() + due_offset_ns(1, plan.rate));
    }
  }
  return length_ns;
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

bool RunReport::balanced() const {
  const std::uint64_t refused = failed + crashed + rejected;
  return account.balanced() && account.attempted == total.expected &&
         account.refused_unseen + account.anomalies == refused && total.refused == refused &&
         total.expected == account.delivered() + refused + account.unknown + account.lost;
}

std::shared_ptr<const Payloads> payloads_for(const RunPlan& plan) {
  static std::atomic<std::uint64_t> runs{0};
  const std::uint64_t run_key =
      mix64(static_cast<std::uint64_t>(SteadyClock{}.now_ns())) + runs.fetch_add(1);
  Message last;
  last.sender = plan.agents - 1;
  last.recipient = plan.agents - 1;
  last.sequence = plan.messages_of(0);
  return std::make_shared<const Payloads>(plan.templates, plan.payload_bytes, run_key, last);
}

}  // namespace spate
