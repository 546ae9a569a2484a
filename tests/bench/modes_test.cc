#include "spate/bench/modes.h"

#include <memory>
#include <string>

#include "bench/examples/own_delivery.h"
#include "support/expect_error.h"

namespace spate::bench {
namespace {

using testing_support::expect_error;

AnyDelivery make(const RunPlan& plan, const std::shared_ptr<const Payloads>& payloads) {
  return AnyDelivery(std::make_unique<OwnDelivery>(DeliverySetup{plan, payloads, 8}));
}

TEST(Modes, ARegisteredOneIsKnownByItsName) {
  register_mode({"of-a_test1", make, "version 7"});
  EXPECT_EQ(mode_named("of-a_test1").version, "version 7");
  EXPECT_THAT(mode_names(), testing::EndsWith(", of-a_test1"));
}

TEST(Modes, ANameIsTakenOnce) {
  expect_error([] { register_mode({"queue", make, ""}); }, {"'queue'", "another name"});
}

TEST(Modes, OnlySimHasNoDelivery) {
  EXPECT_TRUE(mode_named("sim").simulated());
  EXPECT_FALSE(mode_named("mock").simulated());
  expect_error([] { register_mode({"nothing", nullptr, ""}); }, {"'nothing'", "a function"});
}

// A comma would end an item of --modes, a slash a part of the benchmark's name.
TEST(Modes, ANameFitsIntoListsAndBenchmarkNames) {
  for (const char* const name : {"", "a,b", "a/b", "a b", "a:b", "ä"}) {
    SCOPED_TRACE(name);
    expect_error([&] { register_mode({name, make, ""}); }, {"letters, digits"});
  }
}

}  // namespace
}  // namespace spate::bench
