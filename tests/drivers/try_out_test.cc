// What is tried out before a run, over brokers that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "spate/drivers/broker.h"
#include "support/expect_error.h"
#include "support/runs.h"

namespace spate::drivers {
namespace {

using testing_support::expect_error;
using testing_support::patient_plan;

// What happens to the one message.
struct Fate {
  bool is_acked = true;
  bool arrives = true;
  std::string trouble = {};  // that is told when it is sent
  std::optional<Message> sent = {};
};

struct Sender {
  Fate* fate;
  Troubles* troubles;
  bool settled = false;

  std::size_t try_send(std::span<const Message> batch) noexcept {
    fate->sent = batch.front();
    if (!fate->trouble.empty()) {
      troubles->add(fate->trouble);
    }
    return 1;
  }
  std::size_t poll(std::span<Settlement> out) noexcept {
    if (!fate->sent || !fate->is_acked || std::exchange(settled, true)) {
      return 0;
    }
    out[0] = spate::settled(*fate->sent, Outcome::acked);
    return 1;
  }
};

struct Receiver {
  Fate* fate;

  std::size_t try_receive(std::span<Received> out) noexcept {
    if (!fate->sent || !fate->arrives) {
      return 0;
    }
    out[0].message = *fate->sent;
    return 1;
  }
};

struct FatedDelivery {
  Fate* fate;
  Troubles* troubles;

  Sender make_producer(WorkerId /*worker*/) { return {fate, troubles}; }
  Receiver make_consumer(WorkerId /*worker*/) { return {fate}; }
};

class FatedBroker final : public Broker {
 public:
  explicit FatedBroker(Fate& fate) : fate_(fate) {}
  std::string description() const override { return "a broker"; }
  AnyDelivery make_delivery(const DeliveryPlan& /*plan*/) override {
    return AnyDelivery(std::make_unique<FatedDelivery>(FatedDelivery{&fate_, &troubles()}));
  }

 private:
  Fate& fate_;
};

const DeliveryPlan kPlan{.workers = 2, .payloads = payloads_for(patient_plan(1, 0))};

void try_with(Fate& fate, std::int64_t timeout_ns) {
  FatedBroker broker(fate);
  try_out(broker, kPlan, timeout_ns);
}

TEST(TryOut, SendsAMessageAsLongAsAnyOfTheRun) {
  Fate fate;
  try_with(fate, 60 * testing_support::kSecond);
  ASSERT_TRUE(fate.sent.has_value());
  EXPECT_EQ(fate.sent->type, kPlan.payloads->longest().type);
  EXPECT_EQ(fate.sent->sequence, kPlan.payloads->longest().sequence);
  EXPECT_EQ(fate.sent->recipient, 0U) << "the first worker looks for it";
}

TEST(TryOut, WantsItAcknowledgedAndReceived) {
  constexpr std::int64_t kSoonNs = testing_support::kSecond / 50;
  Fate silent{.is_acked = false, .arrives = true};
  expect_error([&] { try_with(silent, kSoonNs); }, {"a broker", "not acknowledged in time"});
  Fate lossy{.is_acked = true, .arrives = false};
  expect_error([&] { try_with(lossy, kSoonNs); }, {"a broker", "not received in time"});
}

TEST(TryOut, TakesAnyTroubleForAnError) {
  Fate fate{.is_acked = true, .arrives = true, .trouble = "the broker: it is full"};
  expect_error([&] { try_with(fate, 60 * testing_support::kSecond); }, {"it is full"});
}

}  // namespace
}  // namespace spate::drivers
