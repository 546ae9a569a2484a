// Opens a Kafka cluster: looks whether it can be used, and what is known of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "driver_list.h"
#include "kafka_delivery.h"
#include "session.h"
#include "spate/error.h"
#include "stand_in.h"

namespace spate::drivers {
namespace {

using namespace kafka;

constexpr std::array<std::string_view, 3> kAcks{"all", "1", "0"};
constexpr std::array<std::string_view, 2> kYesNo{"yes", "no"};
constexpr std::array<std::string_view, 2> kNoYes{"no", "yes"};
constexpr std::int16_t kAsTheClusterHasIt = -1;

// Is not made: the cluster is asked whether it would.
std::string trial_topic() {
  std::random_device random;
  return fmt::format("spate-trial-{:08x}{:08x}", random(), random());
}

Durability durability_of(const Address& address) {
  Durability durability;
  durability.acks = choice(address, "acks", kAcks);
  const bool all = durability.acks == kAcks.front();
  durability.idempotence = choice(address, "idempotence", all ? kYesNo : kNoYes);
  if (durability.idempotence == "yes" && !all) {
    throw Error(fmt::format(
        "kafka: idempotence=yes needs acks=all, and acks={} is given; give idempotence=no",
        durability.acks));
  }
  durability.replicas =
      static_cast<std::int16_t>(count(address, "replicas", kAsTheClusterHasIt, 1, 32767));
  return durability;
}

std::string text_of(const Durability& durability) {
  return fmt::format(
      "acks {}, idempotence {}, replicas {}", durability.acks, durability.idempotence,
      durability.replicas == kAsTheClusterHasIt ? "as the cluster has it"
                                                : fmt::to_string(durability.replicas));
}

bool is_stand_in(const Endpoint& endpoint) {
  const auto all = StandIn::all();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& one) { return one->listens_at(endpoint); });
}

class KafkaBroker final : public Broker {
 public:
  explicit KafkaBroker(const BrokerOptions& options)
      : connection_{options.address, options.timeout_ns, options.detour},
        durability_(durability_of(options.address)),
        over_a_stand_in_(is_stand_in(options.address.first())) {
    Session session(connection_);
    if (over_a_stand_in_) {
      description_ = fmt::format(
          "kafka, librdkafka {}'s mock cluster, a stand-in: nothing is stored; acks {}, "
          "idempotence {}",
          rd_kafka_version_str(), durability_.acks, durability_.idempotence);
      return;
    }
    session.make_topic(trial_topic(), 1, durability_.replicas, true);
    description_ =
        fmt::format("kafka, {} broker{}, by librdkafka {}, which is not told their version; {}",
                    session.brokers(), session.brokers() == 1 ? "" : "s", rd_kafka_version_str(),
                    text_of(durability_));
  }

  std::string description() const override { return description_; }
  AnyDelivery make_delivery(const DeliveryPlan& plan) override {
    return AnyDelivery(std::make_unique<KafkaDelivery>(
        connection_, durability_, plan, over_a_stand_in_ ? StandIn::start() : nullptr, troubles()));
  }

 private:
  Connection connection_;
  Durability durability_;
  bool over_a_stand_in_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Broker> open_kafka(const BrokerOptions& options) {
  return std::make_unique<KafkaBroker>(options);
}

}  // namespace spate::drivers
