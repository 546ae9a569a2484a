#include "deliveries.h"

#include <array>

#include "bench/examples/mutex_queue.h"
#include "support/brokers.h"
#include "support/runs.h"

namespace spate::conformance {
namespace {

AnyDelivery make_mock(const RunPlan& plan, const std::shared_ptr<const Payloads>& /*payloads*/,
                      std::uint32_t capacity) {
  return testing_support::mock_for(plan, capacity);
}

// Two servers for everybody, and inboxes in order.
AnyDelivery make_ordered_mock(const RunPlan& plan,
                              const std::shared_ptr<const Payloads>& /*payloads*/,
                              std::uint32_t capacity) {
  RunPlan ordered = plan;
  ordered.mock.station = {.servers = 2, .fifo = true};
  return testing_support::mock_for(ordered, capacity);
}

AnyDelivery make_queue(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                       std::uint32_t capacity) {
  return testing_support::queue_for(plan, payloads, capacity);
}

AnyDelivery make_mutex_queue(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                             std::uint32_t capacity) {
  return AnyDelivery(std::make_unique<MutexQueue>(plan.workers, capacity, payloads));
}

template <const char* const& kDriver>
AnyDelivery make_broker(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                        std::uint32_t capacity) {
  return testing_support::broker_for_test(kDriver).broker->make_delivery(
      {.workers = plan.workers, .payloads = payloads, .capacity = capacity});
}
constexpr const char* kRedis = "redis";
constexpr const char* kNats = "nats";
// What its consumers ask for, and once more while an urgent message is on its way.
constexpr std::size_t kNatsPrefetch = 256;
constexpr const char* kRabbitmq = "rabbitmq";
constexpr std::size_t kRabbitmqPrefetch = 256;  // what its consumers ask for
constexpr const char* kKafka = "kafka";

}  // namespace

std::span<const Candidate> candidates() {
  using namespace testing_support;
  static const std::array all{
      Candidate{"Mock", make_mock, ChaosProfile::off(), false, true, true},
      Candidate{"MockWithChaos", make_mock, lively_chaos(), false, true, true},
      Candidate{"MockInAStorm", make_mock, lively_storm(), false, true, true},
      Candidate{"MockInOrder", make_ordered_mock, ChaosProfile::off(), true, true, true},
      Candidate{"Queue", make_queue, ChaosProfile::off(), true, false, false},
      Candidate{"QueueWithChaos", make_queue, lively_chaos(), false, true, false},
      Candidate{"QueueInAStorm", make_queue, lively_storm(), false, true, false},
      Candidate{"ExampleMutexQueueInAStorm", make_mutex_queue, lively_storm(), false, true, false},
      Candidate{"ExampleMutexQueue", make_mutex_queue, ChaosProfile::off(), true, false, false},
      Candidate{"Redis", make_broker<kRedis>, ChaosProfile::off(), true, false, false, kRedis},
      Candidate{"RedisWithChaos", make_broker<kRedis>, lively_chaos(), false, true, false, kRedis},
      Candidate{"RedisInAStorm", make_broker<kRedis>, lively_storm(), false, true, false, kRedis},
      Candidate{"Nats", make_broker<kNats>, ChaosProfile::off(), true, false, false, kNats,
                kNatsPrefetch},
      Candidate{"NatsWithChaos", make_broker<kNats>, lively_chaos(), false, true, false, kNats,
                kNatsPrefetch},
      Candidate{"NatsInAStorm", make_broker<kNats>, lively_storm(), false, true, false, kNats,
                kNatsPrefetch},
      Candidate{"Rabbitmq", make_broker<kRabbitmq>, ChaosProfile::off(), true, false, false,
                kRabbitmq, kRabbitmqPrefetch},
      Candidate{"RabbitmqWithChaos", make_broker<kRabbitmq>, lively_chaos(), false, true, false,
                kRabbitmq, kRabbitmqPrefetch},
      Candidate{"RabbitmqInAStorm", make_broker<kRabbitmq>, lively_storm(), false, true, false,
                kRabbitmq, kRabbitmqPrefetch},
      Candidate{"Kafka", make_broker<kKafka>, ChaosProfile::off(), true, false, false, kKafka,
                kUnbounded},
      Candidate{"KafkaWithChaos", make_broker<kKafka>, lively_chaos(), false, true, false, kKafka,
                kUnbounded},
      Candidate{"KafkaInAStorm", make_broker<kKafka>, lively_storm(), false, true, false, kKafka,
                kUnbounded},
  };
  return all;
}

}  // namespace spate::conformance
