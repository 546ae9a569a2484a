#include "direct.h"

#include <algorithm>

#include "spate/chaos.h"
#include "spate/digest.h"
#include "spate/mock_delivery.h"
#include "spate/schedule.h"

namespace spate {
namespace {

constexpr std::uint64_t kMessagesBetweenLooks = 4096;

}  // namespace

DueTable::DueTable(const RunPlan& plan)
    : rate_(plan.rate),
      agents_(plan.agents),
      step_ns_(agents_ * kSecond / rate_),
      step_rest_(agents_ * kSecond % rate_) {
  if (plan.arrivals == Arrivals::constant) {
    return;
  }
  DueTimes due(plan.arrivals, plan.rate, plan.seed, plan.agents);
  times_.reserve(plan.messages);
  for (std::uint64_t index = 0; index < plan.messages; ++index) {
    times_.push_back(due.due_ns(index));
  }
}

DirectPart::DirectPart(const RunPlan& plan, const DueTable& due, std::uint32_t part,
                       std::uint32_t parts, const std::atomic<bool>& stop)
    : plan_(plan),
      due_(due),
      parts_(parts),
      stop_(stop),
      agents_(plan.seed, plan.agents, plan.types),
      record_(plan, part, parts) {}

void DirectPart::run() {
  for (AgentId sender = record_.part; sender < plan_.agents && !stop_; sender += parts_) {
    run_sender(sender);
  }
}

void DirectPart::run_sender(AgentId sender) {
  const std::uint64_t messages = plan_.messages_of(sender);
  sender_ = sender;
  draws_ = MessageDraws::of_sender(plan_.seed, sender);
  group_ = &record_.sends.of(sender);
  sent_ = {};
  overtaking_.begin(messages * (plan_.agents - 1), plan_.agents);
  DueTable::Backwards due(due_, sender, messages);
  for (std::uint64_t left = messages; left > 0; --left) {
    if (left % kMessagesBetweenLooks == 0 && stop_.load(std::memory_order_relaxed)) {
      break;
    }
    run_message(left - 1, due.next());
  }
  count_sent();
}

void DirectPart::count_sent() {
  for (std::size_t index = 0; index < kMessageTypes; ++index) {
    const auto type = static_cast<MessageType>(index);
    const Sent& sent = sent_[index];
    if (sent.messages > 0) {
      record_.sends.taken(*group_, type, sent.messages, sent.messages * agents_.fanout(type),
                          sent.last_ns);
      record_.last_due_ns = std::max(record_.last_due_ns, sent.last_ns);
    }
  }
}

inline void DirectPart::run_message(std::uint64_t sequence, std::int64_t due_ns) {
  const MessageDraws draws(draws_, sequence);
  const Intent intent = agents_.intent(sender_, draws);
  Message message;
  message.intended_ns = due_ns;
  message.sent_ns = due_ns;
  message.sequence = sequence;
  message.sender = sender_;
  message.recipient = intent.recipient;
  message.type = intent.type;
  Sent& sent = sent_[index_of(intent.type)];
  if (sent.messages++ == 0) {
    sent.last_ns = due_ns;
  }
  for (std::uint32_t left = agents_.fanout(intent.type); left > 0; --left) {
    run_delivery(message, draws);
    message.recipient = agents_.next_recipient(sender_, message.recipient + 1);
  }
}

// Called in one place alone, in the hottest loop: inlined it costs a tenth less.
[[gnu::always_inline]] inline void DirectPart::run_delivery(const Message& message,
                                                            const MessageDraws& draws) {
  const ChaosVerdict chaos = chaos_verdict(plan_.chaos, draws, message.recipient);
  const std::uint64_t identity = digest_identity(message);
  record_.digest += digest_term(identity, chaos.code());
  ++record_.account.attempted;
  if (chaos.crash) {
    record_.sends.refused(*group_, message.type, Outcome::crashed);
    record_.log(message, ChaosEvent::Kind::crash);
    ++record_.account.refused_unseen;
    return;
  }
  record_.note_hold(message, chaos);
  const MockVerdict mock = mock_verdict(plan_.mock, draws, message.recipient);
  record_.mock_digest += digest_term(identity, mock.code());
  const std::int64_t end_ns = message.sent_ns + chaos.held_ns() + mock.latency_ns;
  record_.end_ns = std::max(record_.end_ns, end_ns);
  if (!mock.success) {
    ++record_.account.refused_unseen;
    record_.sends.refused(*group_, message.type, Outcome::failed);
    return;
  }
  ++record_.account.acked_seen;
  record_.receipts.record(message, end_ns);
  record_.reordered += overtaking_.observe(message, end_ns) ? 1U : 0U;
}

}  // namespace spate
