// Turns the plan into messages, at the time when they are due.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "progress.h"
#include "spate/agents.h"
#include "spate/chaos.h"
#include "spate/message.h"
#include "spate/run_plan.h"
#include "spate/schedule.h"

namespace spate {

// The messages of one worker's agents. Those that are generated wait in the outbox until the
// delivery has taken them. One thread.
class LoadGenerator {
 public:
  static constexpr std::size_t kBatch = 64;

  LoadGenerator(const RunPlan& plan, const Agents& agents, WorkerId worker,
                const Progress& progress, ChaosProducer& chaos);

  void start(std::int64_t start_ns) { start_ns_ = start_ns; }

  // Generates what is due at now_ns, as far as the outbox has room. `settled`: so many of the
  // ordinals given out are settled by now. Neither what is not settled nor what has not ended
  // otherwise goes beyond the in-flight limit; in a closed loop but for a batch and a broadcast.
  void fill(std::int64_t now_ns, std::uint64_t settled);
  // In order; a message's sent_ns (and in a closed loop its intended_ns) is still to be set.
  std::span<Message> outbox() { return std::span(outbox_).subspan(begin_, end_ - begin_); }
  // So many from the front of the outbox are with the delivery now.
  void taken(std::size_t count) { begin_ += count; }

  // From now on fill() sheds what was not taken yet, a part in each call.
  void abandon();

  bool finished() const { return exhausted() && begin_ == end_; }
  // The schedule's, or kAnyMoment while something waits to be taken; kNever where it depends on
  // completions.
  std::int64_t next_due_ns() const;
  // When the next message of the schedule is due, after the start; at its end, when the last was.
  std::int64_t schedule_reach_ns() const;
  bool closed_loop() const { return closed_; }
  // Ordinals given out so far; those in the outbox included.
  std::uint64_t assigned() const { return next_ordinal_; }
  std::uint64_t shed() const { return shed_; }

 private:
  void fill_open(std::int64_t now_ns, std::uint64_t ended);
  void fill_closed(std::uint64_t ended);
  void fill_from(AgentId sender);
  bool exhausted() const;
  void begin_message(AgentId sender, std::uint64_t sequence, std::int64_t intended_ns);
  void emit();
  void shed_current(std::uint64_t most);
  void shed_part();
  bool begin_next();
  bool has_room_for(std::uint64_t deliveries, std::uint64_t ended) const {
    return next_ordinal_ + deliveries <= ended + in_flight_limit_;
  }
  std::size_t own_agents() const { return sent_.size(); }

  const RunPlan& plan_;
  Agents agents_;
  WorkerId worker_;
  bool closed_;
  std::uint64_t in_flight_limit_;
  const Progress& progress_;
  ChaosProducer& chaos_;
  std::int64_t start_ns_ = 0;

  OpenSchedule schedule_;

  // Closed loop, by own agent (agent / workers).
  struct Sent {
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
  };
  std::vector<Sent> sent_;
  std::size_t cursor_ = 0;  // whose turn it is
  std::uint64_t left_ = 0;  // messages that are not yet begun

  Message current_;  // the message that is being fanned out; recipient: the next one
  std::uint32_t fanout_left_ = 0;
  bool shedding_ = false;  // what is left of the current message is shed, not sent
  std::uint64_t next_ordinal_ = 0;
  std::uint64_t shed_ = 0;
  bool abandoned_ = false;
  std::array<Message, kBatch> outbox_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace spate
