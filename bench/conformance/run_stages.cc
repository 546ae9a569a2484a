// What whole runs find out: threads, a ledger, chaos, an end in the middle.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "conformance/by_hand.h"
#include "conformance/trial.h"
#include "spate/clock.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

constexpr const char* kClosed = "two workers, as fast as it goes";
constexpr const char* kOpen = "two workers, by a schedule";
constexpr const char* kStorm = "two workers, in a storm of chaos";
constexpr const char* kSmallest = "two workers, contents of 1 byte";
constexpr const char* kLarge = "two workers, contents of 64 KiB";
constexpr const char* kEnd = "stopped in the middle";

void say_it(const Trial& trial, Clause clause, std::uint64_t count, const RunReport& report,
            const char* where, const char* what) {
  if (count > 0) {
    trial.found(clause, fmt::format("{}: {} of {} {}", where, count, report.total.expected, what));
  }
}

// What the ledger has of what came, said in its clause; also of a run that was stopped.
void tell_what_came(const Trial& trial, const RunReport& report, const char* where) {
  const Account& account = report.account;
  const auto say = [&](Clause clause, std::uint64_t count, const char* what) {
    say_it(trial, clause, count, report, where, what);
  };
  say(Clause::once, account.duplicated, "arrived again");
  say(Clause::sent, account.aliens, "arrived and were never sent");
  say(Clause::bytes, account.corrupted, "had bytes that do not match their checksum");
  say(Clause::refuses, account.anomalies, "were settled as refused, and arrived");
  say(Clause::settles, account.misreported, "settlements were of what was settled, or never sent");
}

// The same, and what did not come.
void tell_account(const Trial& trial, const RunReport& report, const char* where) {
  tell_what_came(trial, report, where);
  // What was damaged arrived, in its way; the ledger cannot tell whose it was.
  const Account& account = report.account;
  say_it(trial, Clause::arrives, account.lost - std::min(account.lost, account.corrupted), report,
         where, "were acked and did not arrive");
}

RunReport run_once(const Trial& trial, const RunPlan& plan, CallCounts& counts) {
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery(
      std::make_unique<WatchedDelivery>(trial.maker(plan, payloads), trial.board(), counts));
  StressRun run(plan, delivery, payloads);
  run.execute();
  return run.report();
}

void run_and_tell(const Trial& trial, const RunPlan& plan, const char* where) {
  CallCounts counts;
  const RunReport report = run_once(trial, plan, counts);
  tell_account(trial, report, where);
  tell_too_much(trial, counts, where);
  if (counts.taken > counts.settled) {
    trial.found(Clause::settles, fmt::format("{}: {} of {} were taken and not settled", where,
                                             counts.taken - counts.settled, counts.taken.load()));
  }
  if (trial.ordered() && plan.chaos.quiet() && report.account.reordered > 0) {
    trial.found(Clause::order, fmt::format("{}: {} of {} arrived after a later one", where,
                                           report.account.reordered, report.total.expected));
  }
}

void closed_loop(Trial& trial) { run_and_tell(trial, Trial::plan_of(2, 20'000), kClosed); }

void open_loop(Trial& trial) {
  RunPlan plan = Trial::plan_of(2, 10'000);
  plan.rate = 50'000;
  run_and_tell(trial, plan, kOpen);
}

void run_with_contents(const Trial& trial, std::uint64_t messages, std::uint32_t bytes,
                       const char* where) {
  RunPlan plan = Trial::plan_of(2, messages);
  plan.payload_bytes = bytes;
  run_and_tell(trial, plan, where);
}
// Where a queue has slots of its own size, they end somewhere between.
void smallest_contents(Trial& trial) { run_with_contents(trial, 5000, 1, kSmallest); }
void large_contents(Trial& trial) { run_with_contents(trial, 500, 1U << 16U, kLarge); }

// All that chaos can do, within times that there are here.
void storm(Trial& trial) {
  RunPlan plan = Trial::plan_of(2, 10'000);
  plan.rate = 50'000;
  plan.chaos = ChaosProfile::storm();
  plan.chaos.downtime_ns = kMillisecondNs;
  plan.chaos.spike_max_ns = 5 * kMillisecondNs;
  run_and_tell(trial, plan, kStorm);
}

void stop_a_run(const Trial& trial) {
  const RunPlan plan = Trial::plan_of(2, kMaxMessages);
  CallCounts counts;
  std::atomic<bool> stop{false};
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery delivery(
      std::make_unique<WatchedDelivery>(trial.maker(plan, payloads), trial.board(), counts));
  StressRun run(plan, delivery, payloads, {.stop = &stop});
  std::thread thread([&run] { run.execute(); });
  const SteadyClock clock;
  const std::int64_t begin_ns = clock.now_ns();
  while (counts.taken < 5000 && clock.now_ns() - begin_ns < kPatienceNs) {
    std::this_thread::yield();
  }
  stop = true;
  thread.join();
  tell_what_came(trial, run.report(), kEnd);
}

void leave_messages(Trial& trial) {
  ByHand hand(trial, 200);
  while (hand.send() > 0) {
    hand.settle();
  }
  hand.receive(10);
}

void end_in_the_middle(Trial& trial) {
  stop_a_run(trial);
  leave_messages(trial);
  ByHand next(trial, 1);
  std::uint64_t left_over = 0;
  for (int call = 0; call < 100; ++call) {
    left_over += next.receive().size();
  }
  if (left_over > 0) {
    trial.found(Clause::ends, fmt::format("{}: the next delivery hands out {} messages of the one "
                                          "before, which is destroyed",
                                          kEnd, left_over));
  }
}

}  // namespace

std::vector<Stage> run_stages() {
  return {
      {kClosed, closed_loop, {Clause::order, Clause::bytes}},
      {kOpen, open_loop, {Clause::order, Clause::bytes}},
      {kSmallest, smallest_contents, {Clause::order, Clause::bytes}},
      {kLarge, large_contents, {Clause::order, Clause::bytes}},
      {kStorm, storm, {Clause::bytes}},
      {kEnd, end_in_the_middle, {Clause::ends}},
  };
}

}  // namespace spate::bench
