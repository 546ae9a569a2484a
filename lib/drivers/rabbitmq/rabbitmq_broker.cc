// Opens a RabbitMQ server: looks whether it can be used, and how.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "driver_list.h"
#include "rabbitmq_delivery.h"
#include "session.h"

namespace spate::drivers {
namespace {

using namespace rabbitmq;

constexpr std::array<std::string_view, 2> kYesOrNo{"yes", "no"};
constexpr std::array<std::string_view, 2> kQueueTypes{"classic", "quorum"};
// A queue for trying out is left behind where something is refused.
constexpr std::int32_t kTrialSeconds = 10;

// Does once what a run does: to be refused here is a line, to be refused there is a lost run.
void try_queue(Session& session, const Keeping& keeping) {
  std::random_device random;
  const std::string queue = fmt::format("spate-check-{:08x}{:08x}", random(), random());
  declare_queue(session, queue, keeping.queue, kTrialSeconds);
  session.ask(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t{}, AMQP_CONFIRM_SELECT_OK_METHOD);
  ContentBeginning(Session::kChannel, queue, keeping.persistent)
      .append_to(session.connection().outbox(), 0);
  session.await_confirmation();
  append_method(session.connection().outbox(), Session::kChannel, AMQP_BASIC_GET_METHOD,
                amqp_basic_get_t{0, bytes_of(queue), /*no_ack=*/1});
  session.await_message();
  delete_queue(session, queue);
}

std::string durability(const Keeping& keeping) {
  if (keeping.queue == "quorum") {
    return "quorum queues, where every message is persistent";
  }
  return fmt::format("durable {} queues, {} messages", keeping.queue,
                     keeping.persistent ? "persistent" : "transient");
}

class RabbitmqBroker final : public Broker {
 public:
  RabbitmqBroker(const Address& address, std::int64_t timeout_ns)
      : keeping_{choice(address, "persistent", kYesOrNo) == "yes",
                 choice(address, "queue", kQueueTypes)},
        login_(address, timeout_ns),
        timeout_ns_(timeout_ns) {
    Session session(login_, timeout_ns_);
    session.open_channel();
    try_queue(session, keeping_);
    description_ = fmt::format("{}, {}", session.connection().product(), durability(keeping_));
  }

  std::string description() const override { return description_; }
  AnyDelivery make_delivery(const DeliveryPlan& plan) override {
    return AnyDelivery(
        std::make_unique<RabbitmqDelivery>(login_, timeout_ns_, keeping_, plan, troubles()));
  }

 private:
  Keeping keeping_;
  Login login_;
  std::int64_t timeout_ns_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Broker> open_rabbitmq(const BrokerOptions& options) {
  return std::make_unique<RabbitmqBroker>(by_detour(options), options.timeout_ns);
}

}  // namespace spate::drivers
