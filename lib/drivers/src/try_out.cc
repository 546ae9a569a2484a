#include <fmt/format.h>

#include <array>
#include <thread>
#include <vector>

#include "spate/clock.h"
#include "spate/drivers/broker.h"
#include "spate/error.h"

namespace spate::drivers {
namespace {

// All handles of a run: what a server does not let that many in for is found out too.
struct Handles {
  Handles(AnyDelivery& delivery, std::uint32_t workers) {
    for (WorkerId worker = 0; worker < workers; ++worker) {
      consumers.push_back(delivery.make_consumer(worker));
      producers.push_back(delivery.make_producer(worker));
    }
  }
  std::vector<AnyConsumer> consumers;
  std::vector<AnyProducer> producers;
};

// There has to be no trouble at all.
void expect_no_trouble(Broker& broker) {
  broker.troubles().take_given_up();
  if (const auto lines = broker.troubles().take(); !lines.empty()) {
    throw Error(lines.front().text);
  }
}

// What the first worker sends to itself, as long as any message of the runs.
void send_and_receive(Broker& broker, Handles& handles, Message message, std::int64_t deadline_ns) {
  message.recipient = 0;
  std::array<Settlement, 1> settlement;
  std::array<Received, 1> received;
  bool sent = false;
  bool acked = false;
  bool arrived = false;
  while (!acked || !arrived) {
    expect_no_trouble(broker);
    sent = sent || handles.producers.front().try_send({&message, 1}) == 1;
    if (handles.producers.front().poll(settlement) == 1) {
      acked = settlement.front().outcome == Outcome::acked;
    }
    arrived = handles.consumers.front().try_receive(received) == 1 || arrived;
    if (SteadyClock{}.now_ns() > deadline_ns) {
      throw Error(fmt::format("{}: a message that was sent on trial was {} in time",
                              broker.description(), acked ? "not received" : "not acknowledged"));
    }
    std::this_thread::yield();
  }
}

}  // namespace

void try_out(Broker& broker, const DeliveryPlan& plan, std::int64_t timeout_ns) {
  {
    AnyDelivery delivery = broker.make_delivery(plan);
    Handles handles(delivery, plan.workers);
    send_and_receive(broker, handles, plan.payloads->longest(),
                     SteadyClock{}.now_ns() + timeout_ns);
  }
  expect_no_trouble(broker);
}

}  // namespace spate::drivers
