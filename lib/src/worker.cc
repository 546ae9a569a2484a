#include "worker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "idle.h"

namespace spate {
namespace {

// Memory for the ledger ahead of the run, over all workers; what comes beyond, up to the ledger's
// window, grows in segments.
constexpr std::uint64_t kMaxReservedDeliveries = std::uint64_t{1} << 28;

std::uint64_t expected_deliveries(const RunPlan& plan, WorkerId worker) {
  const auto messages = static_cast<double>(plan.messages_of_worker(worker));
  // The number of broadcasts varies; a tenth more, and some, is beyond any draw that matters.
  const double broadcasts = messages * 1.1 + 100;
  const double deliveries = broadcasts * plan.types.mean_fanout(plan.agents);
  const double most = static_cast<double>(kMaxReservedDeliveries) / (plan.workers * plan.workers);
  return static_cast<std::uint64_t>(std::min(deliveries, most));
}

std::int64_t slice_ns_for(const RunPlan& plan) {
  return TimelineRecorder::slice_ns_for(plan.duration_ns() + plan.overrun_limit_ns +
                                        plan.drain_limit_ns);
}

// Busy rounds between two looks at whether it is time to leave: a delivery that hands out
// duplicates for ever must not hold the run for ever.
constexpr std::uint32_t kRoundsBetweenLooks = 256;
constexpr std::int64_t kLookEveryNs = 1'000'000;
constexpr std::int64_t kShowEveryNs = 1'000'000;

}  // namespace

Worker::Worker(const RunPlan& plan, WorkerId worker, ChaosProducer producer, AnyConsumer consumer,
               const Payloads& payloads, Progress& progress, const std::atomic<bool>& stop,
               LiveBoard* board)
    : plan_(plan),
      worker_(worker),
      producer_(std::move(producer)),
      consumer_(std::move(consumer)),
      progress_(progress),
      stop_(stop),
      board_(board),
      timeline_(plan.chaos.faults.empty() ? nullptr
                                          : std::make_unique<TimelineRecorder>(slice_ns_for(plan))),
      sent_(plan, worker, progress, timeline_.get()),
      received_(plan, worker, payloads, progress, board, timeline_.get()),
      generator_(plan, Agents(plan.seed, plan.agents, plan.types), worker, progress, producer_),
      stall_limit_ns_(plan.drain_limit_ns + plan.mock.latency_max_ns() +
                      plan.chaos.longest_hold_ns()) {
  sent_.ledger().reserve(expected_deliveries(plan, worker));
  for (WorkerId sender = 0; sender < plan.workers; ++sender) {
    received_.ledger().reserve(sender, expected_deliveries(plan, sender));
  }
}

void Worker::watch(std::span<const std::unique_ptr<Worker>> all) {
  std::vector<SeenLedger*> seen;
  std::vector<SeenLedger*> copies;
  for (const std::unique_ptr<Worker>& other : all) {
    seen.push_back(&other->received_.ledger());
    copies.push_back(&other->received_.copies());
  }
  sent_.ledger().watch(worker_, seen, copies);
  sent_.ledger().report_to(timeline_.get());
  received_.ledger().report_to(timeline_.get());
  received_.copies().report_to(timeline_.get());
}

void Worker::run(std::int64_t start_ns, std::latch& sending) {
  Idle idle;
  generator_.start(start_ns);
  start_ns_ = start_ns;
  if (timeline_ != nullptr) {
    timeline_->start(start_ns);
  }
  last_change_ns_ = start_ns;
  for (std::uint32_t busy_rounds = 0; !stop_.load(std::memory_order_relaxed);) {
    const std::int64_t now_ns = clock_.now_ns();
    if (timeline_ != nullptr) {
      timeline_->turn_to(now_ns);
    }
    // All three, always: none may starve the others.
    const bool received = receive();
    const bool settled = settle();
    const bool sent = send(now_ns);
    const bool busy = received || settled || sent;
    show(now_ns);
    if (busy) {
      idle.reset();
      if (++busy_rounds % kRoundsBetweenLooks != 0) {
        continue;
      }
    }
    if (generator_.finished()) {
      finish_sending(sending);
    }
    if (done() || (stalled(now_ns) && !give_up_sending())) {
      break;
    }
    if (!busy) {
      idle.wait(now_ns, next_due_ns());
    }
  }
  finish_sending(sending);
  sent_.close();
  if (timeline_ != nullptr) {
    timeline_->finish();
  }
  show(kNever);
}

bool Worker::receive() {
  if (receivers_stand_ != nullptr && receivers_stand_->load(std::memory_order_relaxed)) {
    return false;
  }
  const std::size_t count = consumer_.try_receive(arrivals_);
  if (count == 0) {
    return false;
  }
  // Read after the receipt: a response time is never understated.
  received_.receive(std::span(arrivals_).first(count), clock_.now_ns());
  return true;
}

// Every now and then, and at the end: nobody looks more often.
void Worker::show(std::int64_t now_ns) {
  if (board_ == nullptr || now_ns < next_show_ns_) {
    return;
  }
  next_show_ns_ = now_ns == kNever ? kNever : now_ns + kShowEveryNs;
  LiveCounts counts;
  for (std::size_t type = 0; type < kMessageTypes; ++type) {
    const SendTally::Group& group = sent_.tally().group(static_cast<MessageType>(type));
    counts.sent += group.sent;
    counts.expected += group.expected;
    counts.refused += group.refused;
    counts.delivered += received_.tally().by_type(static_cast<MessageType>(type)).count();
  }
  counts.spiked = producer_.counts().spiked;
  counts.other_faults = producer_.counts().besides_spikes();
  counts.crashed = sent_.tally().refused(Outcome::crashed);
  board_->publish(counts);
}

bool Worker::settle() {
  const std::size_t count = producer_.poll(settlements_);
  sent_.settle(std::span(settlements_).first(count));
  progress_.set_open_copies(worker_, producer_.open_copies());
  return count > 0;
}

bool Worker::send(std::int64_t now_ns) {
  if (overrun(now_ns)) {
    give_up_sending();
  }
  const std::uint64_t shed_before = generator_.shed();
  generator_.fill(now_ns, sent_.settled());
  const std::span<Message> outbox = generator_.outbox();
  if (outbox.empty()) {
    return generator_.shed() > shed_before;
  }
  stamp(outbox);
  sent_.ledger().reach(generator_.assigned());
  progress_.set_assigned(worker_, generator_.assigned());
  const std::size_t taken = producer_.try_send(outbox);
  progress_.set_open_copies(worker_, producer_.open_copies());
  for (const Message& message : outbox.first(taken)) {
    sent_.taken(message);
  }
  generator_.taken(taken);
  return taken > 0;
}

// Read before the messages are handed over: a service time is never understated.
void Worker::stamp(std::span<Message> messages) {
  const std::int64_t now_ns = clock_.now_ns();
  for (Message& message : messages) {
    message.sent_ns = now_ns;
    if (message.intended_ns == 0) {
      message.intended_ns = now_ns;  // a closed loop intends to send as soon as it may
    }
  }
}

// Whether an open loop is too far behind its end, which with Poisson arrivals is where chance puts
// it.
bool Worker::overrun(std::int64_t now_ns) const {
  const std::int64_t end_ns = std::max(plan_.duration_ns(), generator_.schedule_reach_ns());
  return !generator_.closed_loop() && now_ns - start_ns_ > end_ns + plan_.overrun_limit_ns;
}

// False when there is nothing left to give up.
bool Worker::give_up_sending() {
  if (sending_finished_) {
    return false;
  }
  if (!std::exchange(gave_up_, true)) {
    generator_.abandon();
  }
  return true;
}

void Worker::finish_sending(std::latch& sending) {
  if (!sending_finished_) {
    sending_finished_ = true;
    progress_.set_assigned(worker_, generator_.assigned());
    progress_.finish_sending(worker_);
    sending.count_down();
  }
}

bool Worker::done() const {
  return sending_finished_ && sent_.unsettled() == 0 && progress_.all_done();
}

// Whether for too long no message has ended anywhere, though there was time for every delay that
// was asked for. As long as somebody in an open loop still sends, there is more to come.
bool Worker::stalled(std::int64_t now_ns) {
  if (now_ns < next_look_ns_) {
    return false;
  }
  next_look_ns_ = now_ns + kLookEveryNs;  // the others' counters are shared: not in every round
  sent_.ledger().read_sightings();
  received_.ledger().read_mail();
  // Changes with each end, be it a duplicate's.
  const std::uint64_t ended = progress_.completed() - progress_.open_copies();
  if (ended != last_ended_ || (!generator_.closed_loop() && !progress_.all_sent())) {
    last_ended_ = ended;
    last_change_ns_ = now_ns;
  }
  return now_ns - last_change_ns_ > stall_limit_ns_;
}

std::int64_t Worker::next_due_ns() const {
  return std::min({generator_.next_due_ns(), producer_.next_due_ns(), consumer_.next_due_ns()});
}

}  // namespace spate
