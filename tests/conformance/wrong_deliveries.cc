// spate_conformance with deliveries that are wrong on purpose, each by the name of what it does.
#include <cstdlib>
#include <memory>

#include "conformance/faulty_delivery.h"
#include "conformance/flawed_delivery.h"
#include "spate/bench/register.h"
#include "spate/queue_delivery.h"

namespace spate::conformance {
namespace {

// A FaultyDelivery over the queue, of which every tenth message has the fault.
template <Fault kFault>
class OverQueue {
 public:
  explicit OverQueue(const DeliverySetup& setup)
      : queue_(std::make_unique<QueueDelivery>(setup.layout(), setup.payloads, setup.capacity)),
        faulty_(queue_, kFault, 10, setup.plan.workers) {}

  FaultyDelivery::Producer make_producer(WorkerId worker) { return faulty_.make_producer(worker); }
  FaultyDelivery::Consumer make_consumer(WorkerId worker) { return faulty_.make_consumer(worker); }

 private:
  AnyDelivery queue_;
  FaultyDelivery faulty_;
};

SPATE_DELIVERY("right", OverQueue<Fault::none>, "as it should be");
SPATE_DELIVERY("lose", OverQueue<Fault::lose>, "");
SPATE_DELIVERY("duplicate", OverQueue<Fault::duplicate>, "");
SPATE_DELIVERY("swap_neighbours", OverQueue<Fault::swap_neighbours>, "");
SPATE_DELIVERY("invent", OverQueue<Fault::invent>, "");
SPATE_DELIVERY("flip_bit", OverQueue<Fault::flip_bit>, "");
SPATE_DELIVERY("ack_twice", OverQueue<Fault::ack_twice>, "");
SPATE_DELIVERY("refuse_but_send", OverQueue<Fault::refuse_but_send>, "");
SPATE_DELIVERY("refuse", OverQueue<Fault::refuse>, "no fault at all");
SPATE_DELIVERY("forget_to_settle", OverQueue<Fault::forget_to_settle>, "");
SPATE_DELIVERY("say_unknown", OverQueue<Fault::say_unknown>, "no fault at all");

SPATE_DELIVERY("plain", FlawedDelivery<Flaw::none>, "as it should be");
SPATE_DELIVERY("waits_when_empty", FlawedDelivery<Flaw::waits_when_empty>, "");
SPATE_DELIVERY("sleeps_when_empty", FlawedDelivery<Flaw::sleeps_when_empty>, "");
SPATE_DELIVERY("spins_when_empty", FlawedDelivery<Flaw::spins_when_empty>, "");
SPATE_DELIVERY("crawls", FlawedDelivery<Flaw::crawls>, "");
SPATE_DELIVERY("waits_when_full", FlawedDelivery<Flaw::waits_when_full>, "");
SPATE_DELIVERY("hangs_at_the_end", FlawedDelivery<Flaw::hangs_at_the_end>, "");
SPATE_DELIVERY("throws_at_first", FlawedDelivery<Flaw::throws_at_first>, "");
SPATE_DELIVERY("throws_in_between", FlawedDelivery<Flaw::throws_in_between>, "");
SPATE_DELIVERY("aborts", FlawedDelivery<Flaw::aborts>, "");
SPATE_DELIVERY("exits", FlawedDelivery<Flaw::exits>, "");
SPATE_DELIVERY("exits_with_0", FlawedDelivery<Flaw::exits_with_0>, "");
SPATE_DELIVERY("handle_hangs", FlawedDelivery<Flaw::handle_hangs>, "");
SPATE_DELIVERY("cuts_what_is_long", FlawedDelivery<Flaw::cuts_what_is_long>, "");
SPATE_DELIVERY("repeats_later", FlawedDelivery<Flaw::repeats_later>, "");
SPATE_DELIVERY("receives_too_many", FlawedDelivery<Flaw::receives_too_many>, "");
SPATE_DELIVERY("takes_too_many", FlawedDelivery<Flaw::takes_too_many>, "");
SPATE_DELIVERY("keeps_the_span", FlawedDelivery<Flaw::keeps_the_span>, "");
SPATE_DELIVERY("one_lane", FlawedDelivery<Flaw::one_lane>, "");
SPATE_DELIVERY("has_no_bound", FlawedDelivery<Flaw::has_no_bound>, "");
SPATE_DELIVERY("full_for_good", FlawedDelivery<Flaw::full_for_good>, "");
SPATE_DELIVERY("forgets_marks", FlawedDelivery<Flaw::forgets_marks>, "");
SPATE_DELIVERY("swaps_recipient", FlawedDelivery<Flaw::swaps_recipient>, "");
SPATE_DELIVERY("bytes_of_another", FlawedDelivery<Flaw::bytes_of_another>, "");
SPATE_DELIVERY("leaves_messages", FlawedDelivery<Flaw::leaves_messages>, "");

// Whatever the test calls it: names can be wrong too.
const char* name_from_outside() {
  const char* const name = std::getenv("SPATE_TEST_NAME");
  return name == nullptr ? "named" : name;
}
SPATE_DELIVERY(name_from_outside(), FlawedDelivery<Flaw::none>, "");

}  // namespace
}  // namespace spate::conformance
