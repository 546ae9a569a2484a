#include "fault_assessment.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "spate/clock.h"

namespace spate {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr double kEnough = 0.95;
constexpr double kDeviations = 3;
constexpr std::int64_t kMostTimesBefore = 2;

// Some slices in a row, from `begin` to before `end`.
struct Stretch {
  std::size_t begin;
  std::size_t end;
};

class Assessment {
 public:
  Assessment(const AssessedRun& run, std::vector<ExecutedFault> executed)
      : run_(run),
        slices_in_a_second_(
            static_cast<std::size_t>(std::max<std::int64_t>(kSecond / run.slice_ns, 1))),
        schedule_end_(std::min(slice_of(run.schedule_ns), run.slices.size())) {
    for (ExecutedFault& fault : executed) {
      report_.faults.emplace_back().executed = std::move(fault);
    }
  }

  FaultsReport finish() {
    report_.response_p99_before_ns = p99_before();
    for (FaultOutcome& outcome : report_.faults) {
      if (outcome.executed.begun_ns >= 0) {
        outcome.detected_after_ns = detected_after(outcome.executed);
        outcome.recovered_after_ns = recovered_after(outcome.executed);
      }
    }
    share_out_findings();
    assess_liveness();
    return std::move(report_);
  }

 private:
  std::size_t slice_of(std::int64_t ns) const {
    return static_cast<std::size_t>(std::max<std::int64_t>(ns, 0) / run_.slice_ns);
  }
  std::int64_t begin_of(std::size_t slice) const {
    return static_cast<std::int64_t>(slice) * run_.slice_ns;
  }

  // --- what a stretch of the run is like ---

  std::int64_t p99_of(const Stretch& stretch) const {
    PackedResponses::Counts counts{};
    for (const RecordedSlice& slice : slices_of(stretch)) {
      slice.responses.add_to(counts);
    }
    return quantile(counts, 0.99);
  }

  std::span<const RecordedSlice> slices_of(const Stretch& stretch) const {
    return run_.slices.subspan(stretch.begin, stretch.end - stretch.begin);
  }

  // What was sent, and what became of it, in some slices.
  struct Flow {
    std::uint64_t sent = 0;
    std::uint64_t attempted = 0;
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;

    void add(const TimelineSlice& counts) {
      sent += counts.sent;
      attempted += counts.attempted;
      delivered += counts.delivered;
      failed += counts.failed;
    }
  };

  // Of what was due in so many slices.
  bool is_enough(const Flow& flow, std::size_t slices) const {
    const std::uint64_t meant = flow.attempted - std::min(flow.attempted, flow.failed);
    return static_cast<double>(flow.sent) >= enough_sent(slices) &&
           static_cast<double>(flow.delivered) >= kEnough * static_cast<double>(meant);
  }
  // A Poisson count of mean m has a standard deviation of √m.
  double enough_sent(std::size_t slices) const {
    const double mean =
        static_cast<double>(run_.rate) * static_cast<double>(begin_of(slices)) / kSecond;
    const double by_chance = run_.arrivals == Arrivals::poisson ? std::sqrt(mean) : 0;
    return kEnough * mean - kDeviations * by_chance;
  }

  bool flows(const Stretch& stretch) const {
    Flow flow;
    for (const RecordedSlice& slice : slices_of(stretch)) {
      flow.add(slice.counts);
    }
    return is_enough(flow, stretch.end - stretch.begin);
  }

  // Whether all that was sent in it has arrived.
  static bool all_arrives(const RecordedSlice& slice) {
    return slice.findings.lost == 0 && slice.findings.unknown == 0;
  }

  bool is_fast(const Stretch& stretch) const {
    return report_.response_p99_before_ns < 0 ||
           p99_of(stretch) <= kMostTimesBefore * report_.response_p99_before_ns;
  }

  bool second_exists(std::size_t slice) const {
    return slice + slices_in_a_second_ <= schedule_end_;
  }
  Stretch second_from(std::size_t slice) const { return {slice, slice + slices_in_a_second_}; }
  bool is_as_before(std::size_t slice) const {
    const Stretch second = second_from(slice);
    const auto slices = slices_of(second);
    return flows(second) && std::all_of(slices.begin(), slices.end(), all_arrives) &&
           is_fast(second);
  }

  // --- each fault ---

  // Of whole slices, and not of the very first, in which everything is done for the first time.
  std::int64_t p99_before() const {
    std::int64_t first_ns = kNever;
    for (const FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      first_ns = begun_ns >= 0 ? std::min(first_ns, begun_ns) : first_ns;
    }
    const std::size_t end = first_ns == kNever ? 0 : std::min(slice_of(first_ns), schedule_end_);
    const std::int64_t p99_ns = end > 1 ? p99_of({1, end}) : 0;
    return p99_ns > 0 ? p99_ns : -1;
  }

  // When the next fault begins: what is noticed from then on may be of that.
  std::int64_t next_begun_ns(const ExecutedFault& fault) const {
    std::int64_t next_ns = kNever;
    for (const FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      next_ns = begun_ns > fault.begun_ns ? std::min(next_ns, begun_ns) : next_ns;
    }
    return next_ns;
  }

  std::int64_t detected_after(const ExecutedFault& fault) const {
    const std::int64_t limit_ns = next_begun_ns(fault);
    std::int64_t noticed_ns = fault.noticed_ns < 0 ? kNever : fault.noticed_ns;
    for (std::size_t slice = slice_of(fault.begun_ns); slice < run_.slices.size(); ++slice) {
      const TimelineSlice& counts = run_.slices[slice].counts;
      // What chaos does to acks nobody notices, nor can it be told from what the fault does.
      const std::uint64_t unknown = run_.chaos_drops_acks ? 0 : counts.unknown;
      if (counts.rejected + unknown > 0) {
        noticed_ns = std::min(noticed_ns, begin_of(slice + 1));
        break;
      }
    }
    return noticed_ns < limit_ns ? noticed_ns - fault.begun_ns : -1;
  }

  // A fault may work late, as long as it lasts: it is over after the last bad second that begins
  // within it.
  std::int64_t recovered_after(const ExecutedFault& fault) const {
    const std::size_t first = slice_of(fault.begun_ns);
    std::size_t last = slice_of(std::max(fault.begun_ns, fault.ended_ns));
    while (last > first && (!second_exists(last) || is_as_before(last))) {
      --last;
    }
    for (std::size_t slice = last; second_exists(slice); ++slice) {
      if (is_as_before(slice)) {
        return std::max<std::int64_t>(begin_of(slice) - fault.begun_ns, 0);
      }
    }
    return -1;
  }

  // --- what counts with which ---

  // Faults need not begin in the order of their schedule: a server that takes its time to start
  // holds up what is to befall it next.
  FaultOutcome* last_begun(std::int64_t ns) {
    FaultOutcome* last = nullptr;
    for (FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      if (begun_ns >= 0 && begin_of(slice_of(begun_ns)) <= ns &&
          (last == nullptr || begun_ns >= last->executed.begun_ns)) {
        last = &outcome;
      }
    }
    return last;
  }
  FaultOutcome* next_to_begin(std::int64_t ns) {
    FaultOutcome* next = nullptr;
    for (FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      if (begun_ns >= 0 && begin_of(slice_of(begun_ns)) > ns &&
          (next == nullptr || begun_ns < next->executed.begun_ns)) {
        next = &outcome;
      }
    }
    return next;
  }

  // See FaultOutcome. Null where none has begun in the whole run.
  FaultOutcome* counts_with(std::int64_t sent_ns) {
    FaultOutcome* const last = last_begun(sent_ns);
    FaultOutcome* const next = next_to_begin(sent_ns);
    const bool over = last != nullptr && last->recovered_after_ns >= 0 &&
                      sent_ns >= last->executed.begun_ns + last->recovered_after_ns;
    return last == nullptr || (over && next != nullptr) ? next : last;
  }
  FaultOutcome* doubled_with(std::int64_t ns) {
    FaultOutcome* const last = last_begun(ns);
    return last == nullptr ? next_to_begin(ns) : last;
  }

  void share_out_findings() {
    for (std::size_t slice = 0; slice < run_.slices.size(); ++slice) {
      const RecordedSlice::Findings& findings = run_.slices[slice].findings;
      if (FaultOutcome* const outcome = counts_with(begin_of(slice))) {
        outcome->lost += findings.lost;
        outcome->recovered += findings.recovered;
        outcome->unknown += findings.unknown;
        doubled_with(begin_of(slice))->duplicated += findings.duplicated;
      }
    }
  }

  // --- the quiet phase ---

  void assess_liveness() {
    Liveness& liveness = report_.liveness;
    liveness.wanted_within_ns = run_.recover_within_ns;
    for (const FaultOutcome& outcome : report_.faults) {
      const ExecutedFault& fault = outcome.executed;
      liveness.last_fault_end_ns =
          std::max({liveness.last_fault_end_ns, fault.begun_ns, fault.ended_ns});
    }
    if (liveness.last_fault_end_ns < 0) {
      return;
    }
    // In the slice of its end the fault itself has been in force.
    const std::size_t slice = first_that_flows(slice_of(liveness.last_fault_end_ns));
    if (second_exists(slice)) {
      liveness.flows_after_ns =
          std::max<std::int64_t>(begin_of(slice) - liveness.last_fault_end_ns, 0);
    }
  }

  // From `begin` on, the first slice whose second flows, and all that follows it: with what was
  // sent late, after the schedule, as what was due before has to be caught up with, too. Backwards,
  // as a run of a day has a hundred thousand slices, and what follows is the same for each but for
  // one.
  std::size_t first_that_flows(std::size_t begin) const {
    std::size_t first = run_.slices.size();
    Flow rest;
    for (std::size_t slice = run_.slices.size(); slice-- > begin;) {
      if (!all_arrives(run_.slices[slice])) {
        break;
      }
      rest.add(run_.slices[slice].counts);
      if (second_exists(slice) && is_enough(rest, schedule_end_ - slice) &&
          flows(second_from(slice))) {
        first = slice;
      }
    }
    return first;
  }

  const AssessedRun& run_;
  std::size_t slices_in_a_second_;
  std::size_t schedule_end_;
  FaultsReport report_;
};

}  // namespace

FaultsReport assess(const AssessedRun& run, std::vector<ExecutedFault> executed) {
  return Assessment(run, std::move(executed)).finish();
}

}  // namespace spate
