#include "rabbitmq_delivery.h"

#include <fmt/format.h>

#include <exception>

#include "declaration.h"
#include "session.h"
#include "spate/drivers/naming.h"

namespace spate::drivers::rabbitmq {
void declare_queue(Session& session, const std::string& queue, const std::string& type,
                   std::int32_t unused_s) {
  session.ask(AMQP_QUEUE_DECLARE_METHOD, Declaration(queue, type, unused_s).method(),
              AMQP_QUEUE_DECLARE_OK_METHOD);
}

void delete_queue(Session& session, const std::string& queue) {
  amqp_queue_delete_t wish{};
  wish.queue = bytes_of(queue);
  session.ask(AMQP_QUEUE_DELETE_METHOD, wish, AMQP_QUEUE_DELETE_OK_METHOD);
}

RabbitmqDelivery::RabbitmqDelivery(const Login& login, std::int64_t timeout_ns,
                                   const Keeping& keeping, const DeliveryPlan& plan,
                                   Troubles& troubles)
    : run_{login,
           timeout_ns,
           troubles,
           keeping,
           plan.workers,
           plan.capacity,
           Envelope(plan.payloads),
           run_name(*plan.payloads),
           {}} {
  Session session(login, timeout_ns);
  session.open_channel();
  for (WorkerId worker = 0; worker < plan.workers; ++worker) {
    for (const Lane lane : {Lane::urgent, Lane::normal}) {
      run_.queues.push_back(fmt::format("{}.{}.{}", run_.name, worker, name_of(lane)));
    }
  }
  try {
    for (const std::string& queue : run_.queues) {
      declare_queue(session, queue, keeping.queue, kUnusedSeconds);
    }
  } catch (...) {
    remove_queues();
    throw;
  }
}

RabbitmqDelivery::~RabbitmqDelivery() { remove_queues(); }

void RabbitmqDelivery::remove_queues() {
  try {
    Session session(run_.login, run_.timeout_ns);
    session.open_channel();
    for (const std::string& queue : run_.queues) {
      delete_queue(session, queue);
    }
  } catch (const std::exception& error) {
    run_.troubles.add(
        fmt::format("rabbitmq: the queues {}.* could not be removed, and vanish in "
                    "an hour: {}",
                    run_.name, error.what()));
  }
}

}  // namespace spate::drivers::rabbitmq
