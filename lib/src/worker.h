// One worker: the loop that sends what is due and receives what has come.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <latch>
#include <memory>
#include <span>

#include "live_board.h"
#include "load_generator.h"
#include "progress.h"
#include "receiver_book.h"
#include "sender_book.h"
#include "spate/chaos.h"
#include "spate/clock.h"
#include "spate/delivery.h"
#include "spate/run_plan.h"
#include "timeline_recorder.h"

namespace spate {

// Everything that one thread owns. Constructed before the threads start, read after their end, but
// for `board` (null where nobody may look on) and chaos().events().
class Worker {
 public:
  Worker(const RunPlan& plan, WorkerId worker, ChaosProducer producer, AnyConsumer consumer,
         const Payloads& payloads, Progress& progress, const std::atomic<bool>& stop,
         LiveBoard* board);

  // Before the threads start: all workers of the run, this one too.
  void watch(std::span<const std::unique_ptr<Worker>> all);
  // Before the run: receives nothing while it is true. Must outlive the run.
  void stand_while(const std::atomic<bool>& receivers_stand) {
    receivers_stand_ = &receivers_stand;
  }

  // The thread's body. `start_ns`: the schedule's zero; may lie a little ahead. Counts `sending`
  // down once, when it has nothing left to send.
  void run(std::int64_t start_ns, std::latch& sending);

  const SenderBook& sent() const { return sent_; }
  const ReceiverBook& received() const { return received_; }
  const ChaosProducer& chaos() const { return producer_; }
  std::uint64_t shed() const { return generator_.shed(); }
  // When the last message of this worker's schedule was due, after the start.
  std::int64_t last_due_ns() const { return generator_.schedule_reach_ns(); }
  // Null where the plan has no real faults.
  TimelineRecorder* timeline() const { return timeline_.get(); }

 private:
  bool receive();
  bool settle();
  bool send(std::int64_t now_ns);
  void stamp(std::span<Message> messages);
  void show(std::int64_t now_ns);
  bool done() const;
  bool overrun(std::int64_t now_ns) const;
  bool give_up_sending();
  void finish_sending(std::latch& sending);
  bool stalled(std::int64_t now_ns);
  std::int64_t next_due_ns() const;

  const RunPlan& plan_;
  WorkerId worker_;
  ChaosProducer producer_;
  AnyConsumer consumer_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  const std::atomic<bool>* receivers_stand_ = nullptr;
  LiveBoard* board_;
  SteadyClock clock_;
  std::unique_ptr<TimelineRecorder> timeline_;
  SenderBook sent_;
  ReceiverBook received_;
  LoadGenerator generator_;

  bool sending_finished_ = false;
  bool gave_up_ = false;
  std::int64_t start_ns_ = 0;
  std::int64_t stall_limit_ns_;  // so long nothing may happen anywhere
  std::uint64_t last_ended_ = 0;
  std::int64_t last_change_ns_ = 0;
  std::int64_t next_look_ns_ = 0;
  std::int64_t next_show_ns_ = 0;

  std::array<Received, LoadGenerator::kBatch> arrivals_;
  std::array<Settlement, 4 * LoadGenerator::kBatch> settlements_;
};

}  // namespace spate
