// Whole runs that leave the ledger's window far behind them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "spate/ledger.h"
#include "spate/stress_run.h"
#include "support/runs.h"

namespace spate {
namespace {

using namespace testing_support;

#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kWindows = 3;  // it takes ten times as long
#else
constexpr std::uint64_t kWindows = 10;
#endif

struct Kind {
  std::string name;
  RunReport (*run)(const RunPlan&);
  bool storm;
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

// A delivery each, so that a window is as many messages.
RunPlan texts(std::uint64_t messages, std::uint32_t workers) {
  RunPlan plan = patient_plan(messages, 0);
  plan.agents = 6;  // as many for each worker, of two or three
  plan.types = only(MessageType::text);
  plan.mock = {LatencyModel::uniform(1000, 50'000), Probability(0.99)};
  plan.workers = workers;
  plan.drain_limit_ns = 10 * kSecond;  // which a run meets where something is misreported
  return plan;
}

class BeyondTheWindow : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, BeyondTheWindow,
                         testing::Values(Kind{"Mock", run_on_mock, false},
                                         Kind{"Queue", run_on_queue, false},
                                         Kind{"Storm", run_on_queue, true}),
                         [](const auto& test) { return test.param.name; });

// Also with a single segment, where whatever is under way at its end is kept one by one.
TEST_P(BeyondTheWindow, TheReportIsAsIfAllWereKept) {
  for (const std::uint32_t workers : {2U, 3U}) {
    const LedgerWindow window{.segments = workers == 2 ? 2U : 1U, .most_open = 1 << 16};
    RunPlan plan = texts(kWindows * window.segments * kSegmentBits * workers, workers);
    if (GetParam().storm) {
      plan.chaos = lively_storm();
      plan.chaos.downtime_ns = 0;  // whom a crash meets depends on the time
    }
    const RunReport all = GetParam().run(plan);
    plan.ledger_window = window;
    const RunReport released = GetParam().run(plan);
    EXPECT_TRUE(released.clean()) << "duplicated " << released.account.duplicated << " lost "
                                  << released.account.lost << " misreported "
                                  << released.account.misreported;
    EXPECT_EQ(released.account.attempted, plan.messages);
    EXPECT_EQ(released.digest, all.digest);
    EXPECT_EQ(released.mock_digest, all.mock_digest);
    for (const auto part :
         {&Account::attempted, &Account::acked_seen, &Account::lost, &Account::recovered,
          &Account::unknown, &Account::refused_unseen, &Account::anomalies}) {
      EXPECT_EQ(released.account.*part, all.account.*part);
    }
    EXPECT_EQ(released.account.recovered > 0, GetParam().storm);
    EXPECT_EQ(released.duplicates_injected, all.duplicates_injected);
  }
}

// Hands over at once: where a segment begins, the first worker's try_send() returns only when the
// second has written down what it was sent.
class AtOnceDelivery {
 public:
  explicit AtOnceDelivery(AnyDelivery& inner) : inner_(&inner) {}

  class Producer {
   public:
    Producer(AnyProducer inner, const std::atomic<std::uint64_t>* written)
        : inner_(std::move(inner)), written_(written) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t taken = inner_.try_send(batch);
      std::uint64_t awaited = 0;
      for (const Message& message : batch.first(taken)) {
        const bool first = message.ordinal % kSegmentBits < 64;
        if (first && message.worker == 0 && message.recipient % 2 == 1) {
          awaited = message.ordinal;
        }
      }
      while (awaited > written_->load(std::memory_order_relaxed)) {
        std::this_thread::yield();
      }
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept { return inner_.poll(out); }

   private:
    AnyProducer inner_;
    const std::atomic<std::uint64_t>* written_;
  };

  class Consumer {
   public:
    Consumer(AnyConsumer inner, std::atomic<std::uint64_t>* written)
        : inner_(std::move(inner)), written_(written) {}
    std::size_t try_receive(std::span<Received> out) noexcept {
      // Who comes again has written down what it was given before.
      written_->store(highest_, std::memory_order_relaxed);
      const std::size_t count = inner_.try_receive(out);
      for (const Received& received : out.first(count)) {
        if (received.message.worker == 0) {
          highest_ = std::max(highest_, received.message.ordinal);
        }
      }
      return count;
    }

   private:
    AnyConsumer inner_;
    std::atomic<std::uint64_t>* written_;
    std::uint64_t highest_ = 0;
  };

  Producer make_producer(WorkerId worker) { return {inner_->make_producer(worker), &written_[1]}; }
  Consumer make_consumer(WorkerId worker) {
    return {inner_->make_consumer(worker), &written_[worker]};
  }

 private:
  AnyDelivery* inner_;
  std::array<std::atomic<std::uint64_t>, 2> written_{};  // by receiving worker: of the first's
};

TEST(LedgerRun, ReachesWhatItHandsOverBeforehand) {
  RunPlan plan = texts(8 * kSegmentBits * 2, 2);
  plan.ledger_window = {.segments = 2, .most_open = 1 << 16};
  const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
  AnyDelivery queue = queue_for(plan, payloads);
  AnyDelivery at_once(std::make_unique<AtOnceDelivery>(queue));
  const RunReport report = run_over(at_once, plan, payloads);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.account.acked_seen, plan.messages);
}

// Settles only when nothing was sent for a while: so not before the sender stops by itself.
class ReluctantDelivery {
 public:
  ReluctantDelivery(AnyDelivery& inner, std::uint64_t& most_unsettled)
      : inner_(&inner), most_unsettled_(&most_unsettled) {}

  class Producer {
   public:
    Producer(AnyProducer inner, std::uint64_t& most_unsettled)
        : inner_(std::move(inner)), most_unsettled_(&most_unsettled) {}
    std::size_t try_send(std::span<const Message> batch) noexcept {
      const std::size_t taken = inner_.try_send(batch);
      unsettled_ += taken;
      *most_unsettled_ = std::max(*most_unsettled_, unsettled_);
      polls_ = 0;
      return taken;
    }
    std::size_t poll(std::span<Settlement> out) noexcept {
      const std::size_t count = inner_.poll(out);
      held_.insert(held_.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
      std::size_t told = 0;
      for (++polls_; polls_ > kPatience && told < out.size() && !held_.empty(); ++told) {
        out[told] = held_.front();
        held_.pop_front();
      }
      unsettled_ -= told;
      return told;
    }

   private:
    static constexpr std::uint64_t kPatience = 50;
    AnyProducer inner_;
    std::uint64_t* most_unsettled_;
    std::deque<Settlement> held_;
    std::uint64_t unsettled_ = 0;
    std::uint64_t polls_ = 0;
  };

  Producer make_producer(WorkerId worker) {
    return {inner_->make_producer(worker), *most_unsettled_};
  }
  AnyConsumer make_consumer(WorkerId worker) { return inner_->make_consumer(worker); }

 private:
  AnyDelivery* inner_;
  std::uint64_t* most_unsettled_;
};

// What was seen but not settled is under way still, or it would outgrow what the ledger keeps.
TEST(LedgerRun, BoundsWhatIsNotSettledToo) {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{10'000'000}}) {
    RunPlan plan = texts(4 * kSegmentBits, 1);
    plan.rate = rate;
    plan.chaos = lively_chaos();
    plan.chaos.downtime_ns = 0;
    const RunReport all = run_on_queue(plan);
    plan.in_flight_limit = 5000;
    plan.ledger_window = LedgerWindow{.segments = 1, .most_open = 4 * plan.in_flight_limit};
    const std::shared_ptr<const Payloads> payloads = payloads_for(plan);
    AnyDelivery queue = queue_for(plan, payloads);
    std::uint64_t most_unsettled = 0;
    AnyDelivery reluctant(std::make_unique<ReluctantDelivery>(queue, most_unsettled));
    const RunReport report = run_over(reluctant, plan, payloads);
    EXPECT_TRUE(report.clean()) << report.account.misreported;
    EXPECT_LT(most_unsettled, plan.in_flight_limit + 64 + plan.agents);
    EXPECT_GT(most_unsettled, plan.in_flight_limit / 2) << "or it proves nothing";
    EXPECT_EQ(report.digest, all.digest);
    EXPECT_EQ(report.total.expected + report.shed, plan.messages);
    EXPECT_EQ(report.shed > 0, rate > 0) << "a closed loop waits";
  }
}

}  // namespace
}  // namespace spate
