#include "spate/chaos_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "support/watched_atomic.h"

namespace spate {
namespace {

using namespace testing_support;

constexpr std::uint64_t kCapacity = ChaosEventLog::kCapacity;

// All of it follows from its number, so that a torn one shows.
ChaosEvent event_of(std::uint64_t number) {
  return {-static_cast<std::int64_t>(number), number * 3, static_cast<std::int64_t>(number * 5),
          ~static_cast<AgentId>(number),
          number % 2 == 0 ? ChaosEvent::Kind::crash : ChaosEvent::Kind::spike};
}
bool same(const ChaosEvent& a, const ChaosEvent& b) {
  return a.t_ns == b.t_ns && a.sequence == b.sequence && a.extra_ns == b.extra_ns &&
         a.agent == b.agent && a.kind == b.kind;
}

template <class Log>
void record(Log& log, std::uint64_t from, std::uint64_t count) {
  for (std::uint64_t number = from; number < from + count; ++number) {
    log.record(event_of(number));
  }
}

// Whether these are the events `from`, `from` + 1, …
bool run_from(std::uint64_t from, const std::vector<ChaosEvent>& events) {
  return std::all_of(events.begin(), events.end(),
                     [&](const ChaosEvent& event) { return same(event, event_of(from++)); });
}

TEST(ChaosEventLog, KeepsTheLatestAndCountsAll) {
  ChaosEventLog log;
  EXPECT_TRUE(log.kept().empty());
  constexpr std::uint64_t kEvents = 3 * kCapacity + 17;
  record(log, 0, kEvents);
  EXPECT_EQ(log.recorded(), kEvents);
  ASSERT_EQ(log.kept().size(), kCapacity);
  EXPECT_TRUE(run_from(kEvents - kCapacity, log.kept()));
}

TEST(ChaosEventLog, IsReadFromAnyNumberOn) {
  ChaosEventLog log;
  record(log, 0, 100);
  const ChaosEventLog::Tail tail = log.since(60);
  EXPECT_EQ(tail.events.size(), 40U);
  EXPECT_TRUE(run_from(60, tail.events));
  EXPECT_EQ(tail.next, 100U);
  EXPECT_EQ(tail.missed, 0U);
  for (const std::uint64_t none : {100U, 5000U}) {  // nothing yet
    EXPECT_TRUE(log.since(none).events.empty());
    EXPECT_EQ(log.since(none).next, none);
    EXPECT_EQ(log.since(none).missed, 0U);
  }
}

TEST(ChaosEventLog, CountsWhatWasOverwrittenBeforeItWasRead) {
  ChaosEventLog log;
  record(log, 0, 100 + kCapacity + 3);
  EXPECT_EQ(log.since(0).missed, 103U);
  EXPECT_EQ(log.since(100).missed, 3U);
  EXPECT_EQ(log.since(103).missed, 0U);
  EXPECT_EQ(log.since(103).events.size(), kCapacity);
  EXPECT_TRUE(run_from(103, log.since(100).events));
}

TEST(ChaosEventLog, KeepsItsEventsWhenItMoves) {
  ChaosEventLog log;
  record(log, 0, 10);
  ChaosEventLog moved(std::move(log));
  record(moved, 10, 5);
  EXPECT_EQ(moved.kept().size(), 15U);
  EXPECT_TRUE(run_from(0, moved.kept()));
}

TEST(ChaosEventLog, HasAllItsEventsWhereverTheWriterStandsStill) {
  BasicChaosEventLog<WatchedAtomic> log;
  std::uint64_t number = 0;
  std::uint64_t seen = 0;
  before_access = [&] {
    ++seen;
    const auto tail = log.since(0);
    EXPECT_EQ(tail.next, number);
    EXPECT_EQ(tail.events.size(), std::min(number, kCapacity));
    EXPECT_EQ(tail.missed + tail.events.size(), number);
    EXPECT_TRUE(run_from(tail.missed, tail.events));
  };
  for (; number < kCapacity + 5; ++number) {
    // Reading all of them at every step of every event would take minutes.
    if (number < 5 || number >= kCapacity - 5) {
      log.record(event_of(number));
    } else {
      const auto action = std::exchange(before_access, nullptr);
      log.record(event_of(number));
      before_access = action;
    }
  }
  before_access = nullptr;
  EXPECT_EQ(seen, 15 * 6U);  // each time its count, four words, the count
}

TEST(ChaosEventLog, GivesUpJustWhatMayBeTornWhereverTheWriterOvertakesTheReader) {
  constexpr std::uint64_t kFilled = 2 * kCapacity + 9;
  BasicChaosEventLog<WatchedAtomic> log;
  record(log, 0, kFilled);
  std::uint64_t recorded = kFilled;
  // Of 16,386 accesses, the count at both ends and four words an event between them.
  for (const std::uint64_t more : {std::uint64_t{1}, kCapacity / 2, kCapacity, 2 * kCapacity}) {
    for (const std::size_t access : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 999U, 8191U, 8192U,
                                     8193U, 16'382U, 16'383U, 16'384U, 16'385U}) {
      const std::uint64_t before = recorded;
      BasicChaosEventLog<WatchedAtomic>::Tail tail;
      const auto read = [&] { tail = log.since(before - kCapacity); };
      ASSERT_TRUE(interrupt(access, read, [&] {
        record(log, recorded, more);
        recorded += more;
      }));
      ASSERT_EQ(tail.next, access == 0 ? recorded : before);
      ASSERT_EQ(tail.missed, access == 0 ? more : std::min(more, kCapacity));
      ASSERT_EQ(before - kCapacity + tail.missed + tail.events.size(), tail.next);
      ASSERT_TRUE(run_from(before - kCapacity + tail.missed, tail.events)) << more << ' ' << access;
    }
  }
}

TEST(ChaosEventLog, IsReadWholeBesideABusyWriterAndMissesNothingUncounted) {
  constexpr std::uint64_t kEvents = 20 * kCapacity + 123;
  ChaosEventLog log;
  std::thread writer([&] { record(log, 0, kEvents); });
  std::uint64_t next = 0;
  std::uint64_t got = 0;
  std::uint64_t missed = 0;
  bool all_whole = true;
  while (next < kEvents) {  // the test's time limit is the deadline
    const ChaosEventLog::Tail tail = log.since(next);
    all_whole = all_whole && run_from(next + tail.missed, tail.events);
    got += tail.events.size();
    missed += tail.missed;
    next = tail.next;
  }
  writer.join();
  EXPECT_TRUE(all_whole);
  EXPECT_EQ(got + missed, kEvents);
  EXPECT_GT(got, 0U);
}

}  // namespace
}  // namespace spate
