#include "spate/lane_delivery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "support/messages.h"
#include "support/ring_lane.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

template <std::size_t kMost>
class SmallLane : public RingLane {
 public:
  explicit SmallLane(std::size_t /*capacity*/) : RingLane(kMost) {}
};
class EndlessLane {
 public:
  bool try_push(Parcel* parcel) {
    parcels_.push_back(parcel);
    return true;
  }
  bool try_pop(Parcel*& parcel) {
    if (parcels_.empty()) {
      return false;
    }
    parcel = parcels_.front();
    parcels_.pop_front();
    return true;
  }

 private:
  std::deque<Parcel*> parcels_;
};
static_assert(Delivery<LaneDelivery<RingLane>> && Delivery<LaneDelivery<EndlessLane>>);

// One worker's ends of a delivery over such lanes.
template <class Lane>
class Ends {
 public:
  explicit Ends(std::uint32_t capacity)
      : payloads_(payloads_for(plan_)),
        delivery_({plan_, payloads_, capacity}),
        producer_(delivery_.make_producer(0)),
        consumer_(delivery_.make_consumer(0)) {}

  std::size_t send(std::span<const Message> messages) { return producer_.try_send(messages); }
  std::size_t send(const Message& message) { return send({&message, 1}); }
  std::vector<std::uint64_t> receive(std::size_t most = 64) {
    std::vector<std::uint64_t> sequences;
    const std::size_t count = consumer_.try_receive(std::span(batch_).first(most));
    for (const Received& received : std::span(batch_).first(count)) {
      sequences.push_back(received.message.sequence);
      EXPECT_EQ(received.checksum, payloads_->checksum(received.message, received.payload));
      EXPECT_FALSE(received.payload.empty());
    }
    return sequences;
  }
  std::vector<std::uint64_t> settle() {
    std::array<Settlement, 64> settlements;
    std::vector<std::uint64_t> acked;
    while (const std::size_t count = producer_.poll(settlements)) {
      for (const Settlement& settlement : std::span(settlements).first(count)) {
        EXPECT_EQ(settlement.outcome, Outcome::acked);
        acked.push_back(settlement.ordinal);
      }
    }
    std::sort(acked.begin(), acked.end());
    return acked;
  }

 private:
  static RunPlan plan() {
    RunPlan plan;
    plan.agents = 4;
    plan.messages = 1'000'000;
    return plan;
  }
  RunPlan plan_ = plan();
  std::shared_ptr<const Payloads> payloads_;
  LaneDelivery<Lane> delivery_;
  typename LaneDelivery<Lane>::Producer producer_;
  typename LaneDelivery<Lane>::Consumer consumer_;
  std::array<Received, 64> batch_;
};

using Sequences = std::vector<std::uint64_t>;

TEST(LaneDelivery, HandsOutWhatItTookUrgentMessagesFirst) {
  Ends<EndlessLane> ends(100);
  const std::array messages{message_of(0, 1, 0), message_of(0, 2, 1),
                            message_of(0, 1, 2, MessageType::urgent), message_of(0, 1, 3),
                            message_of(0, 1, 4, MessageType::urgent)};
  EXPECT_EQ(ends.send(messages), messages.size());
  EXPECT_EQ(ends.settle(), (Sequences{0, 1, 2, 3, 4}));
  EXPECT_EQ(ends.receive(3), (Sequences{2, 4, 0}));
  EXPECT_EQ(ends.receive(), (Sequences{3, 1}));
  EXPECT_EQ(ends.receive(), Sequences{});
}

TEST(LaneDelivery, KeepsWhatAFullLaneRefusesAndAllBehindItWithTheSender) {
  Ends<SmallLane<3>> ends(100);
  std::vector<Message> messages = numbered_messages(5);
  messages.push_back(message_of(0, 2, 5));  // to a lane that has room
  EXPECT_EQ(ends.send(messages), 3U);
  EXPECT_EQ(ends.settle(), (Sequences{0, 1, 2}));
  EXPECT_EQ(ends.send(std::span(messages).subspan(3)), 0U);
  EXPECT_EQ(ends.receive(2), (Sequences{0, 1}));
  EXPECT_EQ(ends.send(std::span(messages).subspan(3)), 3U);
  EXPECT_EQ(ends.settle(), (Sequences{3, 4, 5}));
  EXPECT_EQ(ends.receive(), (Sequences{2, 3, 4, 5}));
}

TEST(LaneDelivery, HasAllParcelsStillAfterRefusals) {
  Ends<SmallLane<1>> ends(3);
  EXPECT_EQ(ends.send(message_of(0, 1, 0)), 1U);
  for (int times = 0; times < 100; ++times) {
    ASSERT_EQ(ends.send(numbered_messages(2)), 0U);
  }
  EXPECT_EQ(ends.send(message_of(0, 2, 1)), 1U);
  EXPECT_EQ(ends.send(message_of(0, 3, 2)), 1U);
  EXPECT_EQ(ends.receive().size(), 3U);
}

TEST(LaneDelivery, IsBoundedByItsParcelsWhereLanesAreNot) {
  Ends<EndlessLane> ends(100);
  const std::vector<Message> messages = numbered_messages(300);
  EXPECT_EQ(ends.send(messages), 100U);
  EXPECT_EQ(ends.send(std::span(messages).subspan(100)), 0U);
  EXPECT_EQ(ends.receive().size(), 64U);
  EXPECT_EQ(ends.send(std::span(messages).subspan(100)), 0U) << "the batch may still be read";
  EXPECT_EQ(ends.receive().size(), 36U);
  EXPECT_EQ(ends.send(std::span(messages).subspan(100)), 64U);
}

TEST(LaneDelivery, WaitsForItsSettlementsToBeFetched) {
  Ends<EndlessLane> ends(5000);
  const std::vector<Message> messages = numbered_messages(5000);
  const std::size_t taken = ends.send(messages);
  EXPECT_LT(taken, messages.size());
  EXPECT_EQ(ends.send(std::span(messages).subspan(taken)), 0U);
  EXPECT_EQ(ends.settle().size(), taken);
  EXPECT_GT(ends.send(std::span(messages).subspan(taken)), 0U);
}

TEST(LaneDelivery, TurnsToEachInboxHoweverBusyAnotherOneIs) {
  Ends<EndlessLane> ends(5000);
  EXPECT_EQ(ends.send(numbered_messages(1000)), 1000U);
  ends.settle();
  EXPECT_EQ(ends.send(message_of(0, 3, 7777)), 1U);
  bool come = false;
  for (int call = 0; call < 4; ++call) {
    for (const std::uint64_t sequence : ends.receive()) {
      come = come || sequence == 7777;
    }
  }
  EXPECT_TRUE(come) << "in as many calls as there are inboxes";
}

TEST(LaneDelivery, MayBeGivenUpWithMessagesInIt) {
  Ends<EndlessLane> ends(1000);
  EXPECT_EQ(ends.send(numbered_messages(500)), 500U);
  EXPECT_EQ(ends.receive(10).size(), 10U);
}

std::size_t capacity_of(std::uint32_t agents, std::uint32_t workers, std::uint32_t capacity) {
  RunPlan plan;
  plan.agents = agents;
  plan.workers = workers;
  return lane_capacity({plan, nullptr, capacity});
}

TEST(LaneDelivery, GivesALaneNoMoreRoomThanThereAreParcelsAndAllOfThemABound) {
  EXPECT_EQ(capacity_of(2, 1, 7), 7U);
  EXPECT_EQ(capacity_of(2, 3, 7), 21U) << "all workers may send to one inbox";
  EXPECT_EQ(capacity_of(2, 2, 1 << 15), 4096U);
  EXPECT_EQ(capacity_of(1000, 2, 1 << 15), 1024U);
}

}  // namespace
}  // namespace spate
