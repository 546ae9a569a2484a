#include "spate/bench/modes.h"

#include <memory>
#include <string>

#include "bench/examples/own_delivery.h"
#include "mode_list.h"
#include "spate/bench/register.h"
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

// As before main: in a source of its own it would be the same line.
SPATE_DELIVERY("announced", OwnDelivery, "version 8");

TEST(Modes, AnAnnouncedOneIsKnownWhenTheProgramsWorkBegins) {
  EXPECT_THAT(mode_names(), testing::Not(testing::HasSubstr("announced")));
  register_announced();
  EXPECT_EQ(mode_named("announced").version, "version 8");
  EXPECT_THAT(own_mode_names(), testing::HasSubstr("announced"));
  EXPECT_THAT(own_mode_names(), testing::Not(testing::HasSubstr("queue")));
  register_announced();  // once only: it would be taken
}

TEST(Modes, AnAnnouncedNameThatIsTakenIsAnErrorThen) {
  EXPECT_TRUE(announce_delivery<OwnDelivery>("mock", ""));
  expect_error([] { register_announced(); }, {"'mock'", "another name"});
}

TEST(Modes, WhatThisBuildLacksIsNamedWithItsPackage) {
  check_built(mode_named("mutex"));
  Mode mode = mode_named("mutex");
  mode.lacks = "libboost-dev";
  expect_error([&] { check_built(mode); }, {"'mutex'", "install libboost-dev"});
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
