#include "deliveries.h"

#include <vector>

#include "bench/deliveries/queues.h"
#include "bench/examples/own_delivery.h"
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

AnyDelivery make_own_delivery(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                              std::uint32_t capacity) {
  return AnyDelivery(std::make_unique<OwnDelivery>(DeliverySetup{plan, payloads, capacity}));
}

template <bench::Queue (*kQueue)()>
AnyDelivery make_in_process(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads,
                            std::uint32_t capacity) {
  return kQueue().make({plan, payloads, capacity});
}

// Each with chaos and without, where this build has it.
template <bench::Queue (*kQueue)()>
void add_in_process(std::vector<Candidate>& all, const char* name, const char* with_chaos,
                    const char* in_a_storm) {
  if (kQueue().make == nullptr) {
    return;
  }
  using namespace testing_support;
  constexpr auto kMake = make_in_process<kQueue>;
  all.push_back({name, kMake, ChaosProfile::off(), true, false, false});
  all.push_back({with_chaos, kMake, lively_chaos(), false, true, false});
  all.push_back({in_a_storm, kMake, lively_storm(), false, true, false});
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

std::vector<Candidate> listed() {
  using namespace testing_support;
  std::vector<Candidate> all{
      Candidate{"Mock", make_mock, ChaosProfile::off(), false, true, true},
      Candidate{"MockWithChaos", make_mock, lively_chaos(), false, true, true},
      Candidate{"MockInAStorm", make_mock, lively_storm(), false, true, true},
      Candidate{"MockInOrder", make_ordered_mock, ChaosProfile::off(), true, true, true},
      Candidate{"Queue", make_queue, ChaosProfile::off(), true, false, false},
      Candidate{"QueueWithChaos", make_queue, lively_chaos(), false, true, false},
      Candidate{"QueueInAStorm", make_queue, lively_storm(), false, true, false},
      Candidate{"OwnDelivery", make_own_delivery, ChaosProfile::off(), true, false, false},
      Candidate{"OwnDeliveryInAStorm", make_own_delivery, lively_storm(), false, true, false},
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
  add_in_process<bench::mutex_queue>(all, "Mutex", "MutexWithChaos", "MutexInAStorm");
  add_in_process<bench::boost_queue>(all, "Boost", "BoostWithChaos", "BoostInAStorm");
  add_in_process<bench::tbb_queue>(all, "Tbb", "TbbWithChaos", "TbbInAStorm");
  add_in_process<bench::atomic_queue>(all, "AtomicQueue", "AtomicQueueWithChaos",
                                      "AtomicQueueInAStorm");
  return all;
}

}  // namespace

std::span<const Candidate> candidates() {
  static const std::vector<Candidate> all = listed();
  return all;
}

}  // namespace spate::conformance
