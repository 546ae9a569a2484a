#include "live_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "spate/clock.h"

namespace spate::bench {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMillisecond;
constexpr std::int64_t kInterval = 200 * kMillisecond;

RunPlan open_loop(std::uint64_t rate, std::uint64_t seconds) {
  RunPlan plan;
  plan.rate = rate;
  plan.messages = rate * seconds;
  return plan;
}
RunPlan closed_loop(std::uint64_t messages) {
  RunPlan plan;
  plan.rate = 0;
  plan.messages = messages;
  return plan;
}

// A run that goes on as the test says, and is looked at now and then.
struct Watched {
  explicit Watched(RunPlan plan_of_it) : plan(std::move(plan_of_it)) {}

  LiveFigures look_at(std::int64_t elapsed_ns) {
    report.elapsed_ns = elapsed_ns;
    return history.add(report);
  }
  void deliver(std::uint64_t count, std::int64_t response_ns) {
    report.counts.sent += count;
    report.counts.expected += count;
    report.counts.delivered += count;
    for (std::uint64_t i = 0; i < count; ++i) {
      report.response.record(response_ns);
    }
  }
  // Looks every fifth of a second, up to and with `until_ns`; before each, `each` is delivered.
  LiveFigures deliver_until(std::int64_t until_ns, std::uint64_t each, std::int64_t response_ns) {
    LiveFigures figures;
    while (report.elapsed_ns + kInterval <= until_ns) {
      deliver(each, response_ns);
      figures = look_at(report.elapsed_ns + kInterval);
    }
    return figures;
  }

  RunPlan plan;
  LiveHistory history{plan};
  LiveReport report;
};

TEST(LiveHistory, HasTheRateOfTheLastSecondOnly) {
  Watched run(open_loop(1000, 10));
  EXPECT_DOUBLE_EQ(run.deliver_until(3 * kSecond, 20, kMillisecond).rate, 100);
  EXPECT_DOUBLE_EQ(run.deliver_until(3 * kSecond + 2 * kInterval, 200, kMillisecond).rate, 460)
      << "two fifths of a second at 1000, three at 100";
  EXPECT_DOUBLE_EQ(run.deliver_until(4 * kSecond, 200, kMillisecond).rate, 1000);
  EXPECT_EQ(run.deliver_until(5 * kSecond, 0, kMillisecond).rate, 0);
}

TEST(LiveHistory, HasTheQuantilesOfTheLastSecondOnly) {
  Watched run(open_loop(1000, 10));
  const LiveFigures slow = run.deliver_until(2 * kSecond, 100, 100 * kMillisecond);
  ASSERT_TRUE(slow.response_p50_ns.has_value());
  EXPECT_GE(*slow.response_p50_ns, 100 * kMillisecond);
  const LiveFigures fast = run.deliver_until(3 * kSecond, 100, kMillisecond);
  ASSERT_TRUE(fast.response_p99_ns.has_value());
  EXPECT_LE(*fast.response_p99_ns, 2 * kMillisecond);
  run.deliver(10, 50 * kMillisecond);  // 2 % of the last second
  const LiveFigures mixed = run.look_at(run.report.elapsed_ns);
  EXPECT_LE(*mixed.response_p50_ns, 2 * kMillisecond);
  EXPECT_GE(*mixed.response_p99_ns, 50 * kMillisecond);
}

TEST(LiveHistory, HasNoQuantilesOfASecondWithoutReceipts) {
  Watched run(open_loop(1000, 10));
  EXPECT_FALSE(run.look_at(kInterval).response_p50_ns.has_value());
  run.deliver_until(2 * kSecond, 10, kMillisecond);
  EXPECT_FALSE(run.deliver_until(3 * kSecond, 0, 0).response_p99_ns.has_value());
}

TEST(LiveHistory, TakesTheTimeSinceTheStartForTheLastSecondAtFirst) {
  Watched run(open_loop(1000, 10));
  run.deliver(300, kMillisecond);
  const LiveFigures figures = run.look_at(2 * kInterval);
  EXPECT_DOUBLE_EQ(figures.rate, 750);
  EXPECT_TRUE(figures.response_p50_ns.has_value());
}

TEST(LiveHistory, HasTheSuccessOfAllThatHasEnded) {
  Watched run(open_loop(1000, 10));
  EXPECT_FALSE(run.look_at(kInterval).success_rate.has_value());
  run.deliver(30, kMillisecond);
  run.report.counts.expected += 20;
  run.report.counts.refused = 10;
  const LiveFigures figures = run.look_at(2 * kInterval);
  ASSERT_TRUE(figures.success_rate.has_value());
  EXPECT_DOUBLE_EQ(*figures.success_rate, 0.75);
  EXPECT_EQ(figures.in_flight, 10U);
}

TEST(LiveHistory, CountsEachFaultOfChaos) {
  Watched run(open_loop(1000, 10));
  run.report.counts.crashed = 3;
  run.report.counts.spiked = 4;
  run.report.counts.other_faults = 5;
  EXPECT_EQ(run.look_at(kInterval).chaos_events, 12U);
}

// One worker has seen arrive what another, a moment earlier, had not sent yet.
TEST(LiveHistory, NeverHasFewerThanNoneInFlight) {
  Watched run(open_loop(1000, 10));
  run.report.counts.expected = 5;
  run.report.counts.delivered = 7;
  EXPECT_EQ(run.look_at(kInterval).in_flight, 0U);
}

TEST(LiveHistory, HasTheTimeThatIsLeftOfASchedule) {
  Watched run(open_loop(1000, 10));
  EXPECT_EQ(run.look_at(3 * kSecond).left_ns, 7 * kSecond);
  EXPECT_EQ(run.look_at(11 * kSecond).left_ns, -kSecond) << "overrun";
}

// Whatever the clock says: a schedule may be overrun, and Poisson's may end early or late.
TEST(LiveHistory, DrainsWhenAllIsSent) {
  Watched run(open_loop(1000, 10));
  run.report.counts.sent = 9999;
  EXPECT_FALSE(run.look_at(11 * kSecond).all_sent);
  run.report.counts.sent = 10'000;
  EXPECT_TRUE(run.look_at(12 * kSecond).all_sent);
}

TEST(LiveHistory, GuessesTheTimeThatIsLeftOfAClosedLoop) {
  Watched run(closed_loop(1000));
  EXPECT_FALSE(run.look_at(kInterval).left_ns.has_value()) << "nothing to go by";
  const LiveFigures figures = run.deliver_until(2 * kSecond, 20, kMillisecond);
  ASSERT_TRUE(figures.left_ns.has_value());
  EXPECT_NEAR(static_cast<double>(*figures.left_ns), 8.2e9, 1) << "180 are sent, 100 a second";
}

TEST(LiveHistory, BeginsAtZeroAlsoBeforeTheStart) {
  Watched run(open_loop(1000, 10));
  const LiveFigures figures = run.look_at(kNotYet);
  EXPECT_EQ(figures.elapsed_ns, 0);
  EXPECT_EQ(figures.left_ns, 10 * kSecond);
  EXPECT_EQ(figures.rate, 0);
}

LiveFigures some_figures() {
  LiveFigures figures;
  figures.elapsed_ns = 12'340 * kMillisecond;
  figures.sent = 1'234'567;
  figures.rate = 98'765.4;
  figures.in_flight = 321;
  figures.success_rate = 0.9412;
  figures.response_p50_ns = 5'500'000;
  figures.response_p99_ns = 9'900'000;
  figures.chaos_events = 17;
  figures.left_ns = 47'660 * kMillisecond;
  return figures;
}

TEST(LiveLine, HasAllFiguresWhereThereIsRoom) {
  EXPECT_EQ(live_line(some_figures(), 200),
            "12.3 s (47.7 s left)  98.77k/s  success 94.1%  p50 5.50 ms  p99 9.90 ms  "
            "in flight 321  chaos 17  sent 1.23M");
}

TEST(LiveLine, MarksWhatIsNotKnown) {
  LiveFigures figures = some_figures();
  figures.success_rate.reset();
  figures.response_p50_ns.reset();
  figures.response_p99_ns.reset();
  figures.left_ns.reset();
  EXPECT_THAT(live_line(figures, 200),
              testing::StartsWith("12.3 s  98.77k/s  success -  p50 -  p99 -  in flight 321"));
}

TEST(LiveLine, SaysWhenTheScheduleIsOverrunOrOnlyTheDrainIsLeft) {
  LiveFigures figures = some_figures();
  figures.left_ns = -1;
  EXPECT_THAT(live_line(figures, 200), HasSubstr("12.3 s (overrun)  "));
  figures.all_sent = true;
  EXPECT_THAT(live_line(figures, 200), HasSubstr("12.3 s (draining)  "));
}

TEST(LiveLine, IsCutByWholeFigures) {
  const std::string whole = live_line(some_figures(), 200);
  const std::string first = "12.3 s (47.7 s left)";
  std::size_t longest = 0;
  for (std::size_t columns = 0; columns <= whole.size(); ++columns) {
    const std::string line = live_line(some_figures(), columns);
    EXPECT_LE(line.size(), columns);
    EXPECT_EQ(line.empty(), columns < first.size());
    EXPECT_EQ(whole.substr(0, line.size()), line);
    const std::string rest = whole.substr(line.size());
    EXPECT_TRUE(line.empty() || rest.empty() || rest.starts_with("  ")) << "'" << line << "'";
    EXPECT_GE(line.size(), longest);
    longest = line.size();
  }
  EXPECT_EQ(longest, whole.size());
}

TEST(EventLine, TellsWhenWhoAndWhat) {
  const ChaosEvent spike{1'234'567'890, 17, 3'210'000, 2, ChaosEvent::Kind::spike};
  EXPECT_EQ(event_line(spike), "    1.235 s  Agent-3   message 17: spike of 3.21 ms");
  const ChaosEvent crash{61 * kSecond, 0, 0, 11, ChaosEvent::Kind::crash};
  EXPECT_EQ(event_line(crash), "   61.000 s  Agent-12  message 0: crash");
  const ChaosEvent down{0, 5, 50 * kMillisecond, 0, ChaosEvent::Kind::crash};
  EXPECT_EQ(event_line(down), "    0.000 s  Agent-1   message 5: crash, down for 50.0 ms");
  const std::string begin = "    0.000 s  Agent-1   message 5: ";
  for (const auto& [kind, end] :
       {std::pair(ChaosEvent::Kind::burst, "a burst of failures begins"),
        {ChaosEvent::Kind::reorder, "held back for 50.0 ms, to be overtaken"},
        {ChaosEvent::Kind::duplicate, "sent twice"},
        {ChaosEvent::Kind::dropped_ack, "its ack is dropped"}}) {
    EXPECT_EQ(event_line({0, 5, 50 * kMillisecond, 0, kind}), begin + end);
  }
}

}  // namespace
}  // namespace spate::bench
