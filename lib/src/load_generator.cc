#include "load_generator.h"

#include <algorithm>

namespace spate {
namespace {

// So many deliveries are shed in one go, since the worker has others to serve meanwhile.
constexpr std::uint64_t kShedPart = 4096;

}  // namespace

LoadGenerator::LoadGenerator(const RunPlan& plan, const Agents& agents, WorkerId worker,
                             const Progress& progress, ChaosProducer& chaos)
    : plan_(plan),
      agents_(agents),
      worker_(worker),
      closed_(plan.rate == 0),
      in_flight_limit_(plan.in_flight_limit_per_worker()),
      progress_(progress),
      chaos_(chaos),
      schedule_(DueTimes(plan.arrivals, plan.rate, plan.seed, plan.agents), plan.agents,
                closed_ ? 0 : plan.messages, worker, plan.workers),
      sent_(closed_ ? (plan.agents + plan.workers - 1 - worker) / plan.workers : 0),
      left_(closed_ ? plan.messages_of_worker(worker) : 0) {}

void LoadGenerator::fill(std::int64_t now_ns, std::uint64_t settled) {
  if (abandoned_) {
    shed_part();
    return;
  }
  if (begin_ == end_) {
    begin_ = 0;
    end_ = 0;
  }
  if (shedding_) {
    shed_current(kShedPart);
    shedding_ = fanout_left_ > 0;
  }
  while (!shedding_ && fanout_left_ > 0 && end_ < kBatch) {
    emit();
  }
  // What was seen and is not settled yet is under way still: the ledger has to keep it.
  const std::uint64_t ended = std::min(progress_.completed(worker_), settled);
  if (closed_) {
    fill_closed(ended);
  } else {
    fill_open(now_ns, ended);
  }
}

void LoadGenerator::fill_open(std::int64_t now_ns, std::uint64_t ended) {
  const std::uint64_t enough = shed_ + kShedPart;
  while (end_ < kBatch && fanout_left_ == 0 && shed_ < enough && !schedule_.finished() &&
         schedule_.due_ns() <= now_ns - start_ns_) {
    begin_message(schedule_.sender(), schedule_.sequence(), start_ns_ + schedule_.due_ns());
    schedule_.advance();
    if (!has_room_for(fanout_left_, ended)) {
      shed_current(kShedPart);
      shedding_ = fanout_left_ > 0;
      continue;
    }
    while (fanout_left_ > 0 && end_ < kBatch) {
      emit();
    }
  }
}

void LoadGenerator::fill_closed(std::uint64_t ended) {
  for (std::size_t visited = 0; visited < own_agents() && left_ > 0 && end_ < kBatch; ++visited) {
    // A closed loop sheds nothing: it waits.
    if (!has_room_for(agents_.count() - 1, ended)) {
      return;
    }
    fill_from(static_cast<AgentId>(cursor_ * plan_.workers + worker_));
    if (end_ < kBatch) {
      cursor_ = cursor_ + 1 == own_agents() ? 0 : cursor_ + 1;
    }
  }
}

// As much as the window of this agent allows.
void LoadGenerator::fill_from(AgentId sender) {
  Sent& sent = sent_[sender / plan_.workers];
  const std::uint64_t quota = plan_.messages_of(sender);
  const std::uint64_t completed = progress_.completed_of_agent(sender);
  while (end_ < kBatch && sent.messages < quota && sent.deliveries < completed + plan_.window) {
    begin_message(sender, sent.messages, 0);
    ++sent.messages;
    sent.deliveries += fanout_left_;
    --left_;
    while (fanout_left_ > 0 && end_ < kBatch) {
      emit();
    }
  }
}

void LoadGenerator::begin_message(AgentId sender, std::uint64_t sequence,
                                  std::int64_t intended_ns) {
  const Intent intent = agents_.intent(sender, agents_.draws(sender, sequence));
  current_.intended_ns = intended_ns;
  current_.sequence = sequence;
  current_.sender = sender;
  current_.recipient = intent.recipient;
  current_.worker = static_cast<std::uint16_t>(worker_);
  current_.type = intent.type;
  fanout_left_ = agents_.fanout(intent.type);
}

void LoadGenerator::emit() {
  // Field by field, as it was stored a moment ago: a copy in wider moves would stall the processor.
  Message& message = outbox_[end_++];
  message.intended_ns = current_.intended_ns;
  message.sequence = current_.sequence;
  message.ordinal = next_ordinal_++;
  message.sender = current_.sender;
  message.recipient = current_.recipient;
  message.worker = current_.worker;
  message.type = current_.type;
  current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
  --fanout_left_;
}

// Nothing is sent of it, but the seed fixed it all the same.
void LoadGenerator::shed_current(std::uint64_t most) {
  for (; fanout_left_ > 0 && most > 0; --fanout_left_, --most, ++shed_) {
    chaos_.account_unsent(current_);
    current_.recipient = agents_.next_recipient(current_.sender, current_.recipient + 1);
  }
}

void LoadGenerator::abandon() {
  abandoned_ = true;
  for (const Message& message : outbox()) {
    chaos_.account_unsent(message);
    ++shed_;
    --next_ordinal_;
  }
  begin_ = 0;
  end_ = 0;
}

void LoadGenerator::shed_part() {
  const std::uint64_t enough = shed_ + kShedPart;
  do {
    shed_current(enough - shed_);
  } while (shed_ < enough && fanout_left_ == 0 && begin_next());
}

// The next message in whatever order, as it matters no more; false when there is none.
bool LoadGenerator::begin_next() {
  if (!schedule_.finished()) {
    begin_message(schedule_.sender(), schedule_.sequence(), 0);
    schedule_.advance();
    return true;
  }
  while (left_ > 0) {
    const auto sender = static_cast<AgentId>(cursor_ * plan_.workers + worker_);
    Sent& sent = sent_[cursor_];
    if (sent.messages < plan_.messages_of(sender)) {
      begin_message(sender, sent.messages++, 0);
      --left_;
      return true;
    }
    cursor_ = cursor_ + 1 == own_agents() ? 0 : cursor_ + 1;
  }
  return false;
}

bool LoadGenerator::exhausted() const {
  return fanout_left_ == 0 && left_ == 0 && schedule_.finished();
}

std::int64_t LoadGenerator::schedule_reach_ns() const {
  return schedule_.finished() ? schedule_.last_due_ns() : schedule_.due_ns();
}

std::int64_t LoadGenerator::next_due_ns() const {
  if (begin_ < end_ || fanout_left_ > 0) {
    return kAnyMoment;
  }
  return schedule_.finished() ? kNever : start_ns_ + schedule_.due_ns();
}

}  // namespace spate
