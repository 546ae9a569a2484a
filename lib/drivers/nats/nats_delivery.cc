#include "nats_delivery.h"

#include <fmt/format.h>

#include <exception>

#include "spate/drivers/naming.h"
#include "spate/error.h"

namespace spate::drivers::nats {

NatsDelivery::NatsDelivery(const Address& address, std::int64_t timeout_ns, const Storage& storage,
                           const DeliveryPlan& plan, Troubles& troubles)
    : run_{address,
           timeout_ns,
           troubles,
           plan.workers,
           plan.capacity,
           Envelope(plan.payloads),
           run_name(*plan.payloads),
           {}} {
  for (WorkerId worker = 0; worker < plan.workers; ++worker) {
    for (const Lane lane : {Lane::urgent, Lane::normal}) {
      run_.places.push_back({fmt::format("{}-{}-{}", run_.name, worker, name_of(lane)),
                             fmt::format("spate.{}.{}.{}", run_.name, worker, name_of(lane))});
    }
  }
  Session session(address, timeout_ns);
  check_size(session);
  try {
    make_streams(session, storage);
  } catch (...) {
    remove_streams();
    throw;
  }
}

void NatsDelivery::check_size(Session& session) const {
  const auto largest = static_cast<std::size_t>(session.largest_message_bytes());
  if (run_.envelope.max_bytes() > largest) {
    throw Error(fmt::format(
        "nats: messages of this run have up to {} bytes, and the server at {} takes {}; give "
        "shorter payloads, or raise its max_payload",
        run_.envelope.max_bytes(), run_.address.shown(), largest));
  }
}

void NatsDelivery::make_streams(Session& session, const Storage& storage) {
  for (std::size_t place = 0; place < run_.places.size(); ++place) {
    session.make_stream(run_.places[place].stream, run_.places[place].subject, storage);
    ++made_;
    session.make_reader(run_.reader(place, 0));
  }
}

NatsDelivery::~NatsDelivery() { remove_streams(); }

void NatsDelivery::remove_streams() {
  try {
    Session session(run_.address, run_.timeout_ns);
    for (; made_ > 0; --made_) {
      session.remove_stream(run_.places[made_ - 1].stream);
    }
  } catch (const std::exception& error) {
    run_.troubles.add(fmt::format("nats: {} streams {}-* could not be removed: {}", made_,
                                  run_.name, error.what()));
  }
}

}  // namespace spate::drivers::nats
