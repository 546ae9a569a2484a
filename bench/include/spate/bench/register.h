// A delivery of one's own in the programs, by one line.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "spate/bench/modes.h"
#include "spate/delivery.h"
#include "spate/delivery_setup.h"

// At namespace scope of a source of the program's own: SPATE_DELIVERY("mine", MyQueue, "1.2");
//
// MyQueue has the shape of Delivery (a LaneDelivery has), and a constructor that takes a
// `const spate::DeliverySetup&`; one is made for each run, and only then, and what its constructor
// throws ends that run with what it says. The name is of letters, digits, '_' and '-', and nobody
// else's; where it is not, the program says so in one line and ends with 2. The text stands in
// result files as this delivery's version.
//
// The program is linked with spate::bench_main, spate::stress_main or spate::conformance_main; or
// has a main of its own which calls those of programs.h. In a static library the linker leaves out
// a source that nothing else is needed of: have the line in the program itself.
#define SPATE_DELIVERY(name, Class, version)                       \
  [[maybe_unused]] static const bool SPATE_UNIQUE_NAME(__LINE__) = \
      ::spate::bench::announce_delivery<Class>(name, version)
#define SPATE_UNIQUE_NAME(line) SPATE_UNIQUE_NAME_OF(line)
#define SPATE_UNIQUE_NAME_OF(line) kSpateDeliveryOfLine##line

namespace spate::bench {

// To be registered when the program's work begins, where an Error can be told. `mode.name` must
// last. Before main begins too, in any order; on one thread.
bool announce_mode(Mode mode);

template <class D>
bool announce_delivery(std::string_view name, const std::string& version) {
  static_assert(Delivery<D>, "see spate/delivery.h: make_producer() and make_consumer()");
  static_assert(std::constructible_from<D, const DeliverySetup&>,
                "needs a constructor that takes const spate::DeliverySetup&");
  return announce_mode(mode_of<D>(name, version));
}

}  // namespace spate::bench
