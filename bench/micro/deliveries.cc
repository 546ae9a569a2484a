// A message through a delivery and back out, on one thread: what the machinery costs without
// waiting and without a second core.
#include <benchmark/benchmark.h>

#include <array>

#include "micro.h"
#include "spate/agents.h"
#include "spate/clock.h"
#include "spate/mock_delivery.h"
#include "spate/queue_delivery.h"
#include "spate/stress_run.h"

namespace spate::bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint32_t kAgents = 9;
constexpr std::size_t kBatch = 64;

// Messages of all agents in turn, as a run would make them.
class Source {
 public:
  std::span<const Message> next(std::int64_t now_ns) {
    for (Message& message : batch_) {
      message.sender = static_cast<AgentId>(ordinal_ % kAgents);
      message.sequence = ordinal_ / kAgents;
      message.ordinal = ordinal_++;
      message.recipient =
          agents_.intent(message.sender, agents_.draws(message.sender, message.sequence)).recipient;
      message.intended_ns = now_ns;
      message.sent_ns = now_ns;
    }
    return batch_;
  }

 private:
  Agents agents_{kSeed, kAgents, TypeMix(TypeMix::Weights{1, 0, 0, 0})};
  std::array<Message, kBatch> batch_;
  std::uint64_t ordinal_ = 0;
};

template <class Producer, class Consumer>
std::size_t receive_all(Producer& producer, Consumer& consumer) {
  std::array<Received, kBatch> received;
  std::array<Settlement, kBatch> settlements;
  std::size_t count = 0;
  while (const std::size_t more = consumer.try_receive(received)) {
    count += more;
    while (producer.poll(settlements) > 0) {
    }
  }
  while (producer.poll(settlements) > 0) {
  }
  return count;
}

// Virtual time moves on by 64 µs a batch, so about 5,500 messages are pending: as at a million a
// second.
void mock_send_receive(benchmark::State& state) {
  VirtualClock clock;
  BasicMockDelivery<VirtualClock> mock(clock, kSeed, MockSettings{}, 1, 1 << 20);
  auto producer = mock.make_producer(0);
  auto consumer = mock.make_consumer(0);
  Source source;
  std::size_t received = 0;
  while (keep_running(state, kBatch)) {
    clock.advance_to(clock.now_ns() + 64'000);
    benchmark::DoNotOptimize(producer.try_send(source.next(clock.now_ns())));
    received += receive_all(producer, consumer);
  }
  benchmark::DoNotOptimize(received);
}

void queue_send_receive(benchmark::State& state) {
  RunPlan plan;
  plan.agents = kAgents;
  plan.messages = kMaxMessages;
  const auto payloads = payloads_for(plan);
  QueueDelivery queue(InboxLayout{kAgents, 1}, payloads, 1 << 12);
  auto producer = queue.make_producer(0);
  auto consumer = queue.make_consumer(0);
  Source source;
  std::size_t received = 0;
  while (keep_running(state, kBatch)) {
    benchmark::DoNotOptimize(producer.try_send(source.next(0)));
    received += receive_all(producer, consumer);
  }
  benchmark::DoNotOptimize(received);
}

}  // namespace

void register_deliveries() {
  benchmark::RegisterBenchmark("micro/mock_send_receive", mock_send_receive);
  benchmark::RegisterBenchmark("micro/queue_send_receive", queue_send_receive);
}

}  // namespace spate::bench
