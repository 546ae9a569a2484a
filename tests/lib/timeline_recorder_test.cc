#include "lib/src/timeline_recorder.h"

#include <gtest/gtest.h>

#include <array>

#include "spate/run_plan.h"

namespace spate {
namespace {

constexpr std::int64_t kSlice = 100;
constexpr std::int64_t kStart = 1'000'000;

std::int64_t p(const TimelineRecorder& timeline, std::size_t slice, double q) {
  PackedResponses::Counts counts{};
  timeline.slice(slice).responses.add_to(counts);
  return quantile(counts, q);
}

TEST(TimelineRecorder, WritesEachDownInItsSlice) {
  TimelineRecorder timeline(kSlice, 8);
  timeline.start(kStart);
  timeline.turn_to(kStart - 5);  // a moment before the schedule's zero belongs to the first slice
  timeline.sent(0, true);
  timeline.sent(1, false);
  timeline.turn_to(kStart + 99);
  timeline.settled(Outcome::acked);
  timeline.turn_to(kStart + 100);
  timeline.settled(Outcome::failed);
  timeline.settled(Outcome::crashed);
  timeline.settled(Outcome::rejected);
  timeline.settled(Outcome::unknown);
  timeline.turn_to(kStart + 399);
  timeline.delivered(40);
  timeline.delivered(7);
  timeline.finish();
  ASSERT_EQ(timeline.size(), 4U);
  EXPECT_EQ(timeline.slice(0).counts.sent, 1U);
  EXPECT_EQ(timeline.slice(0).counts.attempted, 2U);
  EXPECT_EQ(timeline.slice(0).counts.acked, 1U);
  EXPECT_EQ(timeline.slice(1).counts.failed, 2U);
  EXPECT_EQ(timeline.slice(1).counts.rejected, 1U);
  EXPECT_EQ(timeline.slice(1).counts.unknown, 1U);
  EXPECT_EQ(timeline.slice(2).counts.delivered, 0U);
  EXPECT_EQ(timeline.slice(3).counts.delivered, 2U);
  EXPECT_EQ(p(timeline, 3, 0.5), 7);
  EXPECT_EQ(p(timeline, 3, 0.99), 40);
  EXPECT_EQ(p(timeline, 2, 0.99), 0);
}

TEST(TimelineRecorder, KeepsLongTimesWithinAThirtySecond) {
  TimelineRecorder timeline(kSlice, 8);
  timeline.start(kStart);
  timeline.turn_to(kStart);
  timeline.delivered(3'000'000'000);
  timeline.delivered(-1);  // of what cannot be, something is counted all the same
  timeline.delivered(kNever);
  timeline.finish();
  EXPECT_EQ(timeline.slice(0).counts.delivered, 3U);
  EXPECT_GE(p(timeline, 0, 0.5), 3'000'000'000);
  EXPECT_LE(p(timeline, 0, 0.5), 3'000'000'000 * 33 / 32);
}

TEST(TimelineRecorder, FindsTheSliceInWhichADeliveryWasSent) {
  TimelineRecorder timeline(kSlice, 8);
  timeline.start(kStart);
  timeline.turn_to(kStart + 150);
  timeline.sent(0, true);
  timeline.sent(1, true);
  timeline.turn_to(kStart + 350);
  timeline.sent(2, true);
  timeline.turn_to(kStart + 450);
  timeline.found(0, 1, Finding::lost);
  timeline.found(0, 0, Finding::unknown);
  timeline.found(0, 2, Finding::recovered);
  timeline.found(0, 2, Finding::duplicated);
  timeline.found(0, 2, Finding::duplicated);
  timeline.found(0, 1, Finding::duplicated_elsewhere);
  ASSERT_EQ(timeline.size(), 5U);
  EXPECT_EQ(timeline.slice(1).findings.lost, 1U);
  EXPECT_EQ(timeline.slice(1).findings.unknown, 1U);
  EXPECT_EQ(timeline.slice(1).findings.duplicated, 1U) << "when is not known: where it was sent";
  EXPECT_EQ(timeline.slice(3).findings.recovered, 1U);
  EXPECT_EQ(timeline.slice(3).findings.duplicated, 0U);
  EXPECT_EQ(timeline.slice(4).findings.duplicated, 2U) << "now";
  EXPECT_EQ(timeline.slice(4).findings.lost, 0U);
}

TEST(TimelineRecorder, TakesNoMoreMemoryInALongRun) {
  TimelineRecorder timeline(kSlice, 8);
  timeline.start(kStart);
  for (std::uint64_t at = 0; at < 100; ++at) {
    timeline.turn_to(kStart + static_cast<std::int64_t>(at) * kSlice);
    timeline.sent(at, true);
    timeline.delivered(static_cast<std::int64_t>(at));
  }
  timeline.finish();
  EXPECT_EQ(timeline.slice_ns(), 16 * kSlice);
  EXPECT_EQ(p(timeline, 0, 1.0), 15) << "of those that became one";
  ASSERT_EQ(timeline.size(), 7U);
  std::uint64_t sent = 0;
  for (std::size_t slice = 0; slice < timeline.size(); ++slice) {
    EXPECT_EQ(timeline.slice(slice).counts.sent, slice < 6 ? 16U : 4U);
    EXPECT_EQ(timeline.slice(slice).counts.delivered, timeline.slice(slice).counts.sent);
    sent += timeline.slice(slice).counts.sent;
  }
  EXPECT_EQ(sent, 100U);
  timeline.found(0, 40, Finding::lost);
  EXPECT_EQ(timeline.slice(2).findings.lost, 1U);
}

TEST(TimelineRecorder, HasLongerSlicesForARunThatWouldHaveTooMany) {
  constexpr std::int64_t kFull =
      TimelineRecorder::kSliceNs * static_cast<std::int64_t>(TimelineRecorder::kMostSlices);
  EXPECT_EQ(TimelineRecorder::slice_ns_for(0), TimelineRecorder::kSliceNs);
  EXPECT_EQ(TimelineRecorder::slice_ns_for(kFull - 1), TimelineRecorder::kSliceNs);
  EXPECT_EQ(TimelineRecorder::slice_ns_for(kFull), 2 * TimelineRecorder::kSliceNs);
  EXPECT_EQ(TimelineRecorder::slice_ns_for(kMaxFaultedNs), 8 * TimelineRecorder::kSliceNs);
}

TEST(TimelineRecorder, AddsWhatSeveralWorkersWroteDown) {
  TimelineRecorder one(kSlice, 8);
  one.start(kStart);
  TimelineRecorder other(kSlice, 2);
  other.start(kStart);
  one.turn_to(kStart + 350);
  one.sent(0, true);
  other.turn_to(kStart + 550);  // too far for two slices of 100, and of 200
  other.delivered(5);
  one.finish();
  other.finish();
  const std::array<TimelineRecorder*, 2> both{&one, &other};
  const std::vector<RecordedSlice> slices = merged(both);
  EXPECT_EQ(one.slice_ns(), 4 * kSlice);
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(slices[0].counts.sent, 1U);
  EXPECT_EQ(slices[1].counts.delivered, 1U);
  const Timeline timeline = timeline_of(slices, one.slice_ns());
  EXPECT_EQ(timeline.slice_ns, 400);
  EXPECT_EQ(timeline.slices[1].response_p99_ns, 5);
}

}  // namespace
}  // namespace spate
