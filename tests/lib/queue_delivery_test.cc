#include "spate/queue_delivery.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "support/messages.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

std::shared_ptr<const Payloads> payloads_of(std::optional<std::uint32_t> fixed_bytes) {
  return std::make_shared<const Payloads>(ContentTemplates::built_in(), fixed_bytes, 3,
                                          message_of(99, 99, 1'000'000));
}

// One worker's ends of a queue.
class Ends {
 public:
  Ends(QueueDelivery& queue, WorkerId worker)
      : producer_(queue.make_producer(worker)), consumer_(queue.make_consumer(worker)) {}

  std::size_t send(std::span<const Message> messages) {
    const std::size_t taken = producer_.try_send(messages);
    settle();
    return taken;
  }
  // One batch.
  std::span<const Received> receive(std::size_t most = 64) {
    return std::span(batch_).first(consumer_.try_receive(std::span(batch_).first(most)));
  }
  std::vector<Message> receive_all() {
    std::vector<Message> all;
    for (std::span<const Received> batch = receive(); !batch.empty(); batch = receive()) {
      for (const Received& received : batch) {
        all.push_back(received.message);
      }
    }
    return all;
  }
  std::uint64_t acked() const { return acked_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void settle() {
    std::array<Settlement, 64> settlements;
    while (const std::size_t count = producer_.poll(settlements)) {
      for (const Settlement& settlement : std::span(settlements).first(count)) {
        ++(settlement.outcome == Outcome::acked ? acked_ : refused_);
      }
    }
  }

  QueueDelivery::Producer producer_;
  QueueDelivery::Consumer consumer_;
  std::array<Received, 64> batch_;
  std::uint64_t acked_ = 0;
  std::uint64_t refused_ = 0;
};

TEST(InboxLayout, HasAnInboxForEachAgentUpTo256) {
  EXPECT_EQ((InboxLayout{9, 2}.inboxes()), 9U);
  EXPECT_EQ((InboxLayout{256, 2}.inboxes()), 256U);
  EXPECT_EQ((InboxLayout{1000, 2}.inboxes()), 256U);
  EXPECT_EQ((InboxLayout{9, 2}.inbox_of(8)), 8U);
  EXPECT_EQ((InboxLayout{1000, 2}.inbox_of(258)), 2U);
}

TEST(QueueDelivery, HandsOutUrgentMessagesFirst) {
  QueueDelivery queue({9, 1}, payloads_of(std::nullopt), 256);
  Ends ends(queue, 0);
  std::vector<Message> messages;
  for (AgentId recipient = 1; recipient < 9; ++recipient) {
    messages.push_back(message_of(0, recipient, recipient));
  }
  for (AgentId recipient = 1; recipient < 9; ++recipient) {
    messages.push_back(message_of(0, recipient, 10 + recipient, MessageType::urgent));
  }
  ASSERT_EQ(ends.send(messages), 16U);
  const std::vector<Message> received = ends.receive_all();
  ASSERT_EQ(received.size(), 16U);
  for (std::size_t at = 0; at < received.size(); ++at) {
    EXPECT_EQ(lane_of(received[at].type), at < 8 ? Lane::urgent : Lane::normal);
  }
}

TEST(QueueDelivery, LetsAnUrgentMessageOvertakeAWholeBacklog) {
  QueueDelivery queue({2, 1}, payloads_of(std::nullopt), 1024);
  Ends ends(queue, 0);
  ASSERT_EQ(ends.send(numbered_messages(500)), 500U);
  ends.receive(10);
  const Message urgent = message_of(0, 1, 500, MessageType::urgent);
  ASSERT_EQ(ends.send({&urgent, 1}), 1U);
  const std::span<const Received> batch = ends.receive(10);
  ASSERT_EQ(batch.size(), 10U);
  EXPECT_EQ(batch[0].message.sequence, 500U);
  EXPECT_EQ(batch[1].message.sequence, 10U);
}

TEST(QueueDelivery, KeepsTheOrderOfSenderRecipientAndLane) {
  QueueDelivery queue({3, 1}, payloads_of(std::nullopt), 4096);
  Ends ends(queue, 0);
  std::vector<Message> messages;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    const auto sender = static_cast<AgentId>(number % 3);
    const auto recipient = static_cast<AgentId>((sender + 1 + number % 2) % 3);
    messages.push_back(
        message_of(sender, recipient, number, static_cast<MessageType>(number / 7 % 4)));
  }
  ASSERT_EQ(ends.send(messages), 1000U);
  std::map<std::tuple<AgentId, AgentId, Lane>, std::uint64_t> next;
  const std::vector<Message> received = ends.receive_all();
  EXPECT_EQ(received.size(), 1000U);
  for (const Message& message : received) {
    std::uint64_t& from = next[{message.sender, message.recipient, lane_of(message.type)}];
    EXPECT_GE(message.sequence, from);
    from = message.sequence + 1;
  }
}

TEST(QueueDelivery, TakesFewerWithoutFreeSlotsAndLosesNothing) {
  constexpr std::uint32_t kSlots = 100;
  QueueDelivery queue({2, 1}, payloads_of(std::nullopt), kSlots);
  Ends ends(queue, 0);
  const std::vector<Message> messages = numbered_messages(10'000);
  EXPECT_EQ(ends.send(std::span(messages).first(250)), kSlots);
  EXPECT_EQ(ends.send(std::span(messages).subspan(kSlots)), 0U);
  std::size_t sent = kSlots;
  std::uint64_t received = 0;
  for (int round = 0; round < 100'000 && received < messages.size(); ++round) {
    for (const Received& one : ends.receive()) {
      ASSERT_EQ(one.message.sequence, received++);
    }
    const std::size_t taken = ends.send(std::span(messages).subspan(sent));
    EXPECT_LE(taken, kSlots);
    sent += taken;
  }
  EXPECT_EQ(received, messages.size());
  EXPECT_EQ(ends.acked(), messages.size());
  EXPECT_EQ(ends.refused(), 0U);
}

TEST(QueueDelivery, WorksWithASingleSlot) {
  QueueDelivery queue({2, 1}, payloads_of(std::nullopt), 1);
  Ends ends(queue, 0);
  for (std::uint64_t number = 0; number < 100; ++number) {
    const Message message = message_of(0, 1, number);
    while (ends.send({&message, 1}) == 0) {
      ASSERT_TRUE(ends.receive().empty()) << "the slot comes home with the call after";
    }
    const std::span<const Received> batch = ends.receive();
    ASSERT_EQ(batch.size(), 1U);
    ASSERT_EQ(batch[0].message.sequence, number);
  }
}

TEST(QueueDelivery, GetsTheSlotsOfAConsumersLastBatchBackWhenTheConsumerEnds) {
  QueueDelivery queue({2, 1}, payloads_of(std::nullopt), 10);
  QueueDelivery::Producer producer = queue.make_producer(0);
  const std::vector<Message> messages = numbered_messages(20);
  EXPECT_EQ(producer.try_send(messages), 10U);
  {
    QueueDelivery::Consumer consumer = queue.make_consumer(0);
    std::array<Received, 64> batch;
    EXPECT_EQ(consumer.try_receive(batch), 10U);
    EXPECT_EQ(producer.try_send(messages), 0U) << "the batch may still be read";
  }
  EXPECT_EQ(producer.try_send(messages), 10U);
}

TEST(QueueDelivery, WaitsForItsSettlementsToBeFetched) {
  QueueDelivery queue({2, 1}, payloads_of(std::nullopt), 1 << 14);
  QueueDelivery::Producer producer = queue.make_producer(0);
  const std::vector<Message> messages = numbered_messages(5000);
  const std::size_t taken = producer.try_send(messages);
  EXPECT_LT(taken, messages.size());
  EXPECT_EQ(producer.try_send(std::span(messages).subspan(taken)), 0U);
  std::array<Settlement, 64> settlements;
  EXPECT_EQ(producer.poll(settlements), 64U);
  EXPECT_EQ(producer.try_send(std::span(messages).subspan(taken)), 64U);
}

TEST(QueueDelivery, CarriesPayloadsOfAnySizeIntact) {
  for (const std::uint32_t bytes : {0U, 1U, 15U, 16U, 63U, 64U, 65U, 1000U, 65'536U}) {
    const std::shared_ptr<const Payloads> payloads = payloads_of(bytes);
    QueueDelivery queue({2, 1}, payloads, 128);
    Ends ends(queue, 0);
    ASSERT_EQ(ends.send(numbered_messages(100)), 100U);
    std::vector<std::byte> expected(payloads->buffer_bytes());
    std::size_t received = 0;
    for (std::span<const Received> batch = ends.receive(); !batch.empty(); batch = ends.receive()) {
      for (const Received& one : batch) {
        ++received;
        ASSERT_NE(one.payload.data(), nullptr) << "the receiver would not verify it";
        ASSERT_EQ(one.payload.size(), bytes);
        ASSERT_EQ(payloads->write(one.message, expected.data()), bytes);
        ASSERT_TRUE(std::equal(one.payload.begin(), one.payload.end(), expected.begin()));
        ASSERT_EQ(payloads->checksum(one.message, one.payload), one.checksum);
      }
    }
    EXPECT_EQ(received, 100U) << bytes;
  }
}

// What one of several workers does at once: sends to all agents, receives for its own.
struct Exchange {
  static constexpr std::uint32_t kAgents = 6;
  static constexpr std::uint32_t kWorkers = 2;
  static constexpr std::uint64_t kMessages = 50'000;  // per worker

  const Payloads& payloads;
  std::atomic<std::uint64_t> received{0};  // by all
  std::atomic<std::uint64_t> faults{0};

  void work(WorkerId worker, Ends& ends) {
    const std::int64_t deadline_ns = SteadyClock{}.now_ns() + 120 * kSecond;
    std::map<std::tuple<AgentId, AgentId, Lane>, std::uint64_t> next;
    std::uint64_t sent = 0;
    std::vector<Message> batch;
    while (received.load(std::memory_order_relaxed) < kWorkers * kMessages &&
           SteadyClock{}.now_ns() < deadline_ns) {
      batch.clear();
      for (std::uint64_t number = sent; number < kMessages && batch.size() < 64; ++number) {
        batch.push_back(message_of(worker, static_cast<AgentId>(number % kAgents), number,
                                   static_cast<MessageType>(number / 5 % 4)));
        batch.back().worker = static_cast<std::uint16_t>(worker);
      }
      sent += ends.send(batch);
      const std::span<const Received> arrivals = ends.receive();
      for (const Received& one : arrivals) {
        const Message& message = one.message;
        std::uint64_t& from = next[{message.sender, message.recipient, lane_of(message.type)}];
        const bool right = message.recipient % kWorkers == worker && message.sequence >= from &&
                           payloads.checksum(message, one.payload) == one.checksum;
        faults.fetch_add(right ? 0 : 1, std::memory_order_relaxed);
        from = message.sequence + 1;
      }
      received.fetch_add(arrivals.size(), std::memory_order_relaxed);
      if (arrivals.empty()) {
        std::this_thread::yield();
      }
    }
  }
};

TEST(QueueDelivery, LosesNothingBetweenTwoThreads) {
  const std::shared_ptr<const Payloads> payloads = payloads_of(std::nullopt);
  QueueDelivery queue({Exchange::kAgents, Exchange::kWorkers}, payloads, 512);
  Exchange exchange{*payloads};
  std::array<Ends, 2> ends{Ends(queue, 0), Ends(queue, 1)};
  std::thread other([&] { exchange.work(1, ends[1]); });
  exchange.work(0, ends[0]);
  other.join();
  EXPECT_EQ(exchange.received, Exchange::kWorkers * Exchange::kMessages);
  EXPECT_EQ(exchange.faults, 0U);
  EXPECT_EQ(ends[0].acked() + ends[1].acked(), Exchange::kWorkers * Exchange::kMessages);
  EXPECT_TRUE(ends[0].receive_all().empty());
  EXPECT_TRUE(ends[1].receive_all().empty());
}

TEST(QueueDelivery, DoesNotLetAStalledConsumerStopTheOthers) {
  constexpr std::uint32_t kSlots = 512;
  QueueDelivery queue({4, 2}, payloads_of(std::nullopt), kSlots);
  Ends stalled(queue, 1);
  Ends busy(queue, 0);
  // 200 of worker 0's slots are stuck: 64 in the stalled consumer's batch, the rest in its inboxes.
  const std::vector<Message> stuck(200, message_of(0, 1, 0));
  ASSERT_EQ(busy.send(stuck), 200U);
  ASSERT_EQ(stalled.receive().size(), 64U);

  constexpr std::uint64_t kMessages = 100'000;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  for (std::uint64_t round = 0; round < 10 * kMessages && received < kMessages; ++round) {
    std::vector<Message> batch;
    for (std::uint64_t number = sent; number < kMessages && batch.size() < 64; ++number) {
      batch.push_back(message_of(0, 2, number));
    }
    sent += busy.send(batch);
    for (const Received& one : busy.receive()) {
      ASSERT_EQ(one.message.sequence, received++);
    }
  }
  EXPECT_EQ(received, kMessages);
  EXPECT_EQ(stalled.receive_all().size(), 200U - 64U);
}

}  // namespace
}  // namespace spate
