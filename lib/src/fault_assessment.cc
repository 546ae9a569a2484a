#include "fault_assessment.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "spate/clock.h"

namespace spate {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr double kEnough = 0.95;
constexpr std::int64_t kMostTimesBefore = 2;

class Assessment {
 public:
  Assessment(const AssessedRun& run, std::vector<ExecutedFault> executed) : run_(run) {
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
  std::size_t slices_in_a_second() const {
    return static_cast<std::size_t>(std::max<std::int64_t>(kSecond / run_.slice_ns, 1));
  }

  std::int64_t first_begun_ns() const {
    std::int64_t first_ns = -1;
    for (const FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      first_ns = begun_ns >= 0 && (first_ns < 0 || begun_ns < first_ns) ? begun_ns : first_ns;
    }
    return first_ns;
  }

  // Of whole slices, and not of the very first, in which everything is done for the first time.
  std::int64_t p99_before() const {
    const std::int64_t first_ns = first_begun_ns();
    const std::size_t end = first_ns < 0 ? 0 : std::min(slice_of(first_ns), run_.slices.size());
    RecordedSlice calm;
    for (std::size_t slice = 1; slice < end; ++slice) {
      calm.add(run_.slices[slice]);
    }
    return calm.counts.delivered == 0 ? -1 : calm.quantile(0.99);
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
      if (counts.rejected + counts.unknown > 0) {
        noticed_ns = std::min(noticed_ns, begin_of(slice + 1));
        break;
      }
    }
    return noticed_ns < limit_ns ? noticed_ns - fault.begun_ns : -1;
  }

  // The second that begins with this slice, where the run is that long.
  std::optional<RecordedSlice> second_from(std::size_t slice) const {
    if (slice + slices_in_a_second() > run_.slices.size()) {
      return std::nullopt;
    }
    RecordedSlice second;
    for (const RecordedSlice& part : run_.slices.subspan(slice, slices_in_a_second())) {
      second.add(part);
    }
    return second;
  }

  bool flows(const RecordedSlice& second) const {
    const auto enough = [](std::uint64_t count, double of) {
      return static_cast<double>(count) >= kEnough * of;
    };
    const double seconds =
        static_cast<double>(begin_of(slices_in_a_second())) / static_cast<double>(kSecond);
    const TimelineSlice& counts = second.counts;
    const std::uint64_t meant = counts.attempted - std::min(counts.attempted, counts.failed);
    return enough(counts.sent, static_cast<double>(run_.rate) * seconds) &&
           enough(counts.delivered, static_cast<double>(meant));
  }

  bool as_before(const RecordedSlice& second) const {
    return report_.response_p99_before_ns < 0 ||
           second.quantile(0.99) <= kMostTimesBefore * report_.response_p99_before_ns;
  }

  std::int64_t recovered_after(const ExecutedFault& fault) const {
    for (std::size_t slice = slice_of(fault.begun_ns);; ++slice) {
      const std::optional<RecordedSlice> second = second_from(slice);
      if (!second) {
        return -1;
      }
      if (flows(*second) && as_before(*second)) {
        return std::max<std::int64_t>(begin_of(slice) - fault.begun_ns, 0);
      }
    }
  }

  // See FaultOutcome: which of them a delivery that was sent at that time counts with. Null where
  // none has begun.
  FaultOutcome* counts_with(std::int64_t sent_ns) {
    FaultOutcome* last_begun = nullptr;
    FaultOutcome* next = nullptr;
    for (FaultOutcome& outcome : report_.faults) {
      const std::int64_t begun_ns = outcome.executed.begun_ns;
      if (begun_ns < 0) {
        continue;
      }
      if (begin_of(slice_of(begun_ns)) <= sent_ns) {
        last_begun = &outcome;
      } else if (next == nullptr) {
        next = &outcome;
      }
    }
    const bool over = last_begun != nullptr && last_begun->recovered_after_ns >= 0 &&
                      sent_ns >= last_begun->executed.begun_ns + last_begun->recovered_after_ns;
    return last_begun == nullptr || (over && next != nullptr) ? next : last_begun;
  }

  void share_out_findings() {
    for (std::size_t slice = 0; slice < run_.slices.size(); ++slice) {
      if (FaultOutcome* const outcome = counts_with(begin_of(slice))) {
        const RecordedSlice::Findings& findings = run_.slices[slice].findings;
        outcome->lost += findings.lost;
        outcome->recovered += findings.recovered;
        outcome->unknown += findings.unknown;
        outcome->duplicated += findings.duplicated;
      }
    }
  }

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
    std::size_t slice = std::max(slice_of(liveness.last_fault_end_ns), first_without_a_loss());
    std::optional<RecordedSlice> second = second_from(slice);
    while (second && !flows(*second)) {
      second = second_from(++slice);
    }
    if (second) {
      liveness.flows_after_ns =
          std::max<std::int64_t>(begin_of(slice) - liveness.last_fault_end_ns, 0);
    }
  }

  // From this slice on all that was sent has arrived.
  std::size_t first_without_a_loss() const {
    std::size_t slice = run_.slices.size();
    while (slice > 0 && run_.slices[slice - 1].findings.lost == 0 &&
           run_.slices[slice - 1].findings.unknown == 0) {
      --slice;
    }
    return slice;
  }

  const AssessedRun& run_;
  FaultsReport report_;
};

}  // namespace

FaultsReport assess(const AssessedRun& run, std::vector<ExecutedFault> executed) {
  return Assessment(run, std::move(executed)).finish();
}

}  // namespace spate
