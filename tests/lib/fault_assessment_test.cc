#include "lib/src/fault_assessment.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace spate {
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSlice = 100 * kMillisecond;
constexpr std::uint64_t kPerSlice = 100;

// A run at 1,000 messages a second, in which all goes well until a test says otherwise.
class FaultAssessment : public testing::Test {
 protected:
  FaultAssessment() : slices_(100) {
    for (RecordedSlice& slice : slices_) {
      slice.counts.sent = kPerSlice;
      slice.counts.attempted = kPerSlice;
      slice.counts.acked = kPerSlice;
      set_delivered(slice, kPerSlice, kMillisecond);
    }
  }

  static void add_delivered(RecordedSlice& slice, std::uint64_t count, std::int64_t response_ns) {
    std::array<std::uint32_t, PackedResponses::kLayout.size()> counts{};
    counts[PackedResponses::index_of(response_ns)] = static_cast<std::uint32_t>(count);
    slice.responses.add(counts);
    slice.counts.delivered += count;
  }
  static void set_delivered(RecordedSlice& slice, std::uint64_t count, std::int64_t response_ns) {
    slice.responses = {};
    slice.counts.delivered = 0;
    add_delivered(slice, count, response_ns);
  }
  // Nothing passes between two slices; what was sent meanwhile comes with the one after them.
  void stall(std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to; ++at) {
      set_delivered(slices_[at], 0, 0);
    }
    add_delivered(slices_[to], (to - from) * kPerSlice,
                  static_cast<std::int64_t>(to - from) * kSlice);
  }
  static ExecutedFault executed(std::int64_t begun_ns, std::int64_t ended_ns) {
    ExecutedFault fault;
    fault.begun_ns = begun_ns;
    fault.ended_ns = ended_ns;
    return fault;
  }
  FaultsReport assessed(std::vector<ExecutedFault> faults) {
    run_.slices = slices_;
    return assess(run_, std::move(faults));
  }

  std::vector<RecordedSlice> slices_;
  AssessedRun run_{.slices = {},
                   .slice_ns = kSlice,
                   .schedule_ns = 10'000 * kMillisecond,
                   .rate = 10 * kPerSlice,
                   .recover_within_ns = 2000 * kMillisecond};
};

TEST_F(FaultAssessment, OfARunWithoutFaultsSaysNothing) {
  const FaultsReport report = assessed({});
  EXPECT_TRUE(report.faults.empty());
  EXPECT_EQ(report.response_p99_before_ns, -1);
  EXPECT_EQ(report.liveness.last_fault_end_ns, -1);
  EXPECT_TRUE(report.liveness.holds());
}

TEST_F(FaultAssessment, RecoversAtOnceFromWhatNobodyNotices) {
  const FaultsReport report = assessed({executed(3050 * kMillisecond, 3060 * kMillisecond)});
  EXPECT_EQ(report.faults[0].detected_after_ns, -1);
  EXPECT_EQ(report.faults[0].recovered_after_ns, 0);
  EXPECT_EQ(report.liveness.last_fault_end_ns, 3060 * kMillisecond);
  EXPECT_EQ(report.liveness.flows_after_ns, 0);
  EXPECT_TRUE(report.liveness.holds());
  EXPECT_GE(report.response_p99_before_ns, kMillisecond);
  EXPECT_LE(report.response_p99_before_ns, kMillisecond * 33 / 32);
}

TEST_F(FaultAssessment, RecoversWhenTheFirstGoodSecondBegins) {
  stall(30, 50);
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 5000 * kMillisecond)});
  // The second from 5.0 s on has the late ones, and so a p99 of 2 s; that from 5.1 s is as before.
  EXPECT_EQ(report.faults[0].recovered_after_ns, 2100 * kMillisecond);
  // It flows again from 4.1 s on, which has nine slices of nothing and one of all that waited: but
  // only what begins after the fault's end counts.
  EXPECT_EQ(report.liveness.flows_after_ns, 0);
}

TEST_F(FaultAssessment, WantsTheAskedRate) {
  for (std::size_t at = 30; at < 45; ++at) {
    slices_[at].counts.sent = slices_[at].counts.attempted = 90;
    set_delivered(slices_[at], 90, kMillisecond);
  }
  // 95 % of a second: five slices of ten have 90 instead of 100.
  EXPECT_EQ(assessed({executed(3000 * kMillisecond, -1)}).faults[0].recovered_after_ns,
            1000 * kMillisecond);
}

// Of a thousand in a second three standard deviations are 95, of 6,800 in all 247.
TEST_F(FaultAssessment, LeavesPoissonArrivalsToChance) {
  for (std::size_t at = 30; at < 100; ++at) {
    const std::uint64_t sent = at < 40 ? 84 : 94;
    slices_[at].counts.sent = slices_[at].counts.attempted = sent;
    set_delivered(slices_[at], sent, kMillisecond);
  }
  const std::vector<ExecutedFault> fault{executed(3000 * kMillisecond, 3000 * kMillisecond)};
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, -1);
  run_.arrivals = Arrivals::poisson;
  EXPECT_EQ(assessed(fault).faults[0].recovered_after_ns, 200 * kMillisecond) << "860 of 855";
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 200 * kMillisecond);
  for (std::size_t at = 60; at < 100; ++at) {
    slices_[at].counts.sent = 87;  // enough for a second, but not for so many
  }
  EXPECT_FALSE(assessed(fault).liveness.holds());
}

TEST_F(FaultAssessment, WantsWhatWasSentToArrive) {
  for (std::size_t at = 30; at < 40; ++at) {
    set_delivered(slices_[at], 90, kMillisecond);
  }
  EXPECT_EQ(assessed({executed(3000 * kMillisecond, -1)}).faults[0].recovered_after_ns,
            500 * kMillisecond);
  // What chaos fails is not meant to arrive.
  for (std::size_t at = 30; at < 40; ++at) {
    slices_[at].counts.failed = 10;
  }
  EXPECT_EQ(assessed({executed(3000 * kMillisecond, -1)}).faults[0].recovered_after_ns, 0);
}

TEST_F(FaultAssessment, WantsTheLatencyOfBefore) {
  for (std::size_t at = 30; at < 60; ++at) {
    set_delivered(slices_[at], kPerSlice, at < 45 ? 5 * kMillisecond : 1900 * kMicrosecond);
  }
  EXPECT_EQ(
      assessed({executed(3000 * kMillisecond, 4500 * kMillisecond)}).faults[0].recovered_after_ns,
      1500 * kMillisecond);
  // Of before it: with nothing to compare with, flowing is enough.
  EXPECT_EQ(assessed({executed(0, 4500 * kMillisecond)}).faults[0].recovered_after_ns, 0);
}

TEST_F(FaultAssessment, SaysWhenSomebodyNoticed) {
  slices_[33].counts.unknown = 1;
  EXPECT_EQ(assessed({executed(3050 * kMillisecond, -1)}).faults[0].detected_after_ns,
            350 * kMillisecond);
  ExecutedFault fault = executed(3050 * kMillisecond, -1);
  fault.noticed_ns = 3051 * kMillisecond;
  EXPECT_EQ(assessed({fault}).faults[0].detected_after_ns, kMillisecond);
  fault.noticed_ns = 9000 * kMillisecond;
  EXPECT_EQ(assessed({fault}).faults[0].detected_after_ns, 350 * kMillisecond);
}

TEST_F(FaultAssessment, DoesNotTakeWhatChaosDoesForSomethingNoticed) {
  run_.chaos_drops_acks = true;
  slices_[32].counts.unknown = 1;
  EXPECT_EQ(assessed({executed(3050 * kMillisecond, -1)}).faults[0].detected_after_ns, -1);
  slices_[33].counts.rejected = 1;
  EXPECT_EQ(assessed({executed(3050 * kMillisecond, -1)}).faults[0].detected_after_ns,
            350 * kMillisecond);
}

TEST_F(FaultAssessment, TakesWhatIsNoticedAfterTheNextFaultForThat) {
  slices_[33].counts.unknown = 1;
  ExecutedFault quiet = executed(1000 * kMillisecond, 1500 * kMillisecond);
  quiet.noticed_ns = 3001 * kMillisecond;
  ExecutedFault noticed = executed(3000 * kMillisecond, 3000 * kMillisecond);
  noticed.noticed_ns = 3001 * kMillisecond;
  const FaultsReport report = assessed({quiet, noticed});
  EXPECT_EQ(report.faults[0].detected_after_ns, -1);
  EXPECT_EQ(report.faults[1].detected_after_ns, kMillisecond);
}

TEST_F(FaultAssessment, CountsEachFindingWithOneFault) {
  stall(30, 40);
  stall(60, 70);
  slices_[10].findings.lost = 1;         // in the calm before the first
  slices_[35].findings.unknown = 2;      // in the first
  slices_[55].findings.recovered = 4;    // after it was over, before the second
  slices_[65].findings.duplicated = 8;   // in the second
  slices_[90].findings.duplicated = 16;  // after it: there is no next one
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 4000 * kMillisecond),
                                        executed(6000 * kMillisecond, 7000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].lost, 1U);
  EXPECT_EQ(report.faults[0].unknown, 2U);
  EXPECT_EQ(report.faults[0].recovered, 0U);
  EXPECT_EQ(report.faults[1].recovered, 4U);
  EXPECT_EQ(report.faults[1].duplicated, 24U);
  EXPECT_EQ(report.faults[0].duplicated, 0U);
}

// As when a server takes its time to come back, and is killed only then.
TEST_F(FaultAssessment, CountsWithWhatBeganNotWithWhatWasToBegin) {
  stall(40, 50);
  stall(80, 85);
  slices_[20].findings.lost = 1;  // in the calm before the second, which began first
  slices_[82].findings.lost = 2;
  slices_[83].findings.duplicated = 4;
  const FaultsReport report = assessed({executed(8000 * kMillisecond, 8500 * kMillisecond),
                                        executed(4000 * kMillisecond, 4000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].lost, 2U);
  EXPECT_EQ(report.faults[0].duplicated, 4U);
  EXPECT_EQ(report.faults[1].lost, 1U);
}

TEST_F(FaultAssessment, CountsWhatCameTwiceWithAFaultThatHadBegun) {
  slices_[55].findings.duplicated = 4;  // in the calm after the first
  slices_[10].findings.duplicated = 2;  // before both: there is none that had
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 3000 * kMillisecond),
                                        executed(6000 * kMillisecond, 6000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].duplicated, 6U);
  EXPECT_EQ(report.faults[1].duplicated, 0U);
}

TEST_F(FaultAssessment, IsNotOverBeforeAFaultThatWorksLate) {
  stall(42, 60);
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 6000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].recovered_after_ns, 3100 * kMillisecond);
}

TEST_F(FaultAssessment, IsNotOverAsLongAsSomethingThatIsSentNeverArrives) {
  slices_[31].findings.lost = 1;
  slices_[33].findings.unknown = 1;
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 3000 * kMillisecond),
                                        executed(6000 * kMillisecond, 6000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].recovered_after_ns, 400 * kMillisecond);
  EXPECT_EQ(report.faults[0].lost + report.faults[0].unknown, 2U);
}

TEST_F(FaultAssessment, DoesNotTakeOneGoodSecondForAnEnd) {
  for (std::size_t at = 50; at < 100; ++at) {
    slices_[at].counts.sent = slices_[at].counts.attempted = 0;
    set_delivered(slices_[at], 0, 0);
  }
  EXPECT_EQ(assessed({executed(3000 * kMillisecond, 3000 * kMillisecond)}).liveness.flows_after_ns,
            -1);
}

TEST_F(FaultAssessment, AsksNothingOfTheTimeAfterTheSchedule) {
  slices_.resize(130);  // a drain of three seconds in which nothing is sent
  const FaultsReport report = assessed({executed(3000 * kMillisecond, 3000 * kMillisecond)});
  EXPECT_EQ(report.faults[0].recovered_after_ns, 0);
  EXPECT_TRUE(report.liveness.holds());
}

// A machine that had no core for us in the last second; or a server that stood still for that long.
TEST_F(FaultAssessment, TakesWhatIsSentLateForSent) {
  slices_.resize(130);
  for (std::size_t at = 90; at < 110; ++at) {
    slices_[at].counts = {};
    slices_[at].responses = {};
  }
  const std::vector<ExecutedFault> fault{executed(3000 * kMillisecond, 3000 * kMillisecond)};
  EXPECT_FALSE(assessed(fault).liveness.holds());
  slices_[110].counts.sent = slices_[110].counts.attempted = 10 * kPerSlice;
  set_delivered(slices_[110], 10 * kPerSlice, 1500 * kMillisecond);
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 0);
}

TEST_F(FaultAssessment, CountsNothingWithAFaultThatDidNotBegin) {
  slices_[50].findings.lost = 3;
  const FaultsReport report =
      assessed({executed(3000 * kMillisecond, 3000 * kMillisecond), executed(-1, -1)});
  EXPECT_EQ(report.faults[0].lost, 3U);
  EXPECT_EQ(report.faults[1].lost, 0U);
  EXPECT_EQ(report.faults[1].recovered_after_ns, -1);
}

TEST_F(FaultAssessment, HoldsTheQuietPhaseToItsWord) {
  const std::vector<ExecutedFault> fault{executed(3000 * kMillisecond, 4000 * kMillisecond)};
  stall(30, 59);
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 1000 * kMillisecond);
  EXPECT_TRUE(assessed(fault).liveness.holds());
  slices_[54].findings.unknown = 1;
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 1500 * kMillisecond) << "not all arrived";
  EXPECT_TRUE(assessed(fault).liveness.holds());
  slices_[80].findings.lost = 1;
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 4100 * kMillisecond);
  EXPECT_FALSE(assessed(fault).liveness.holds());
  slices_[80].findings = {};
  slices_[80].findings.recovered = 1;
  EXPECT_TRUE(assessed(fault).liveness.holds()) << "it arrived";
}

// Looked at from each slice anew, all that follows would take minutes.
TEST_F(FaultAssessment, IsDoneSoonWithARunOfManyHours) {
  slices_.resize(TimelineRecorder::kMostSlices, slices_.front());
  run_.schedule_ns = static_cast<std::int64_t>(slices_.size()) * kSlice;
  const std::vector<ExecutedFault> fault{executed(3000 * kMillisecond, 3000 * kMillisecond)};
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 0);
  slices_.back().findings.unknown = 1;
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, -1);
}

TEST_F(FaultAssessment, SaysThatItCameBackTooLateOrNever) {
  const std::vector<ExecutedFault> fault{executed(3000 * kMillisecond, 3000 * kMillisecond)};
  for (std::size_t at = 30; at < 70; ++at) {
    slices_[at].counts.sent = 0;
  }
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, 4000 * kMillisecond);
  EXPECT_FALSE(assessed(fault).liveness.holds());
  for (std::size_t at = 70; at < 100; ++at) {
    slices_[at].counts.sent = 0;
  }
  EXPECT_EQ(assessed(fault).liveness.flows_after_ns, -1);
  EXPECT_FALSE(assessed(fault).liveness.holds());
}

}  // namespace
}  // namespace spate
