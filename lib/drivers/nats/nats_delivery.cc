#include "nats_delivery.h"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "spate/clock.h"
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
           {},
           storage} {
  for (WorkerId worker = 0; worker < plan.workers; ++worker) {
    for (const Lane lane : {Lane::urgent, Lane::normal}) {
      run_.places.push_back({fmt::format("{}-{}-{}", run_.name, worker, name_of(lane)),
                             fmt::format("spate.{}.{}.{}", run_.name, worker, name_of(lane))});
    }
  }
  Session session(address, {timeout_ns});
  check_size(session);
  try {
    make_streams(session);
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

void NatsDelivery::make_streams(Session& session) {
  for (std::size_t place = 0; place < run_.places.size(); ++place) {
    ++made_;  // before: what has no answer may be made all the same
    session.make_stream(run_.places[place].stream, run_.places[place].subject, run_.storage);
    session.make_reader(run_.reader(place, 0));
  }
}

NatsDelivery::~NatsDelivery() { remove_streams(); }

// Each by itself, as long as the time of one answer lasts.
void NatsDelivery::remove_streams() {
  std::size_t left = std::exchange(made_, 0);
  std::string why = "the time is up";
  try {
    const SteadyClock clock;
    const std::int64_t deadline_ns = clock.now_ns() + run_.timeout_ns;
    Session session(run_.address, {run_.timeout_ns});
    for (std::size_t place = left; place > 0 && clock.now_ns() < deadline_ns; --place) {
      try {
        session.remove_stream(run_.places[place - 1].stream);
        --left;
      } catch (const std::exception& error) {
        why = error.what();
      }
    }
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (left > 0) {
    run_.troubles.add(
        fmt::format("nats: {} streams {}-* could not be removed: {}", left, run_.name, why));
  }
}

}  // namespace spate::drivers::nats
