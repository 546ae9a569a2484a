#include "faults_json.h"

#include <fmt/format.h>

#include "fault_text.h"
#include "units.h"

namespace spate::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// What did not happen has no time.
Json time_or_null(std::int64_t ns) { return ns < 0 ? Json(nullptr) : Json(ns); }

Json outcome_object(const FaultOutcome& outcome) {
  const ExecutedFault& executed = outcome.executed;
  Json object{{"fault", fault_text(executed.fault)},
              {"kind", name_of(executed.fault.kind)},
              {"planned_ns", executed.fault.at_ns},
              {"begun_ns", time_or_null(executed.begun_ns)},
              {"ended_ns", time_or_null(executed.ended_ns)},
              {"detected_after_ns", time_or_null(outcome.detected_after_ns)},
              {"recovered_after_ns", time_or_null(outcome.recovered_after_ns)},
              {"lost", outcome.lost},
              {"recovered", outcome.recovered},
              {"unknown", outcome.unknown},
              {"duplicated", outcome.duplicated}};
  if (!executed.trouble.empty()) {
    object["trouble"] = executed.trouble;
  }
  return object;
}

// No second of the schedule was left in which it could have flowed again: a server may take longer
// to come back than the plan can know.
bool is_too_late(const Liveness& liveness, std::int64_t schedule_ns) {
  return liveness.flows_after_ns < 0 && liveness.last_fault_end_ns + kSecond > schedule_ns;
}

Json liveness_object(const Liveness& liveness, const RunLength& length) {
  Json object{{"last_fault_end_ns", time_or_null(liveness.last_fault_end_ns)},
              {"wanted_within_ns", liveness.wanted_within_ns},
              {"flows_after_ns", time_or_null(liveness.flows_after_ns)},
              {"holds", liveness.holds()}};
  if (length.interrupted) {
    object["interrupted"] = true;
  } else if (!liveness.holds() && is_too_late(liveness, length.schedule_ns)) {
    object["too_late"] = true;
  }
  return object;
}

std::string liveness_finding(const Liveness& liveness, std::int64_t schedule_ns) {
  if (is_too_late(liveness, schedule_ns)) {
    return too_late_text(liveness.last_fault_end_ns);
  }
  if (liveness.flows_after_ns < 0) {
    return "after its last fault it did not flow again, or not up to its end";
  }
  return fmt::format("after its last fault it flowed again after {} only, wanted was {}",
                     show_ns(static_cast<double>(liveness.flows_after_ns)),
                     show_ns(static_cast<double>(liveness.wanted_within_ns)));
}

}  // namespace

Json faults_object(const FaultsReport& report, const RunLength& length) {
  Json faults = Json::array();
  for (const FaultOutcome& outcome : report.faults) {
    faults.push_back(outcome_object(outcome));
  }
  return {{"executed", std::move(faults)},
          {"liveness", liveness_object(report.liveness, length)},
          {"response_ns_p99_before", time_or_null(report.response_p99_before_ns)}};
}

Json timeline_object(const Timeline& timeline) {
  Json object{{"slice_ns", timeline.slice_ns}};
  const auto add = [&](const char* name, auto&& value_of) {
    Json column = Json::array();
    for (const TimelineSlice& slice : timeline.slices) {
      column.push_back(value_of(slice));
    }
    object[name] = std::move(column);
  };
  const auto time_of = [](std::int64_t TimelineSlice::*ns) {
    return [ns](const TimelineSlice& slice) {
      return slice.delivered == 0 ? Json(nullptr) : Json(slice.*ns);
    };
  };
  for (const auto& [name, count] : {std::pair{"sent", &TimelineSlice::sent},
                                    {"expected", &TimelineSlice::attempted},
                                    {"acked", &TimelineSlice::acked},
                                    {"delivered", &TimelineSlice::delivered},
                                    {"failed", &TimelineSlice::failed},
                                    {"rejected", &TimelineSlice::rejected},
                                    {"unknown", &TimelineSlice::unknown}}) {
    add(name, [count = count](const TimelineSlice& slice) { return slice.*count; });
  }
  add("response_ns_p50", time_of(&TimelineSlice::response_p50_ns));
  add("response_ns_p99", time_of(&TimelineSlice::response_p99_ns));
  return object;
}

std::string too_late_text(std::int64_t last_fault_end_ns) {
  return fmt::format(
      "the last fault ended after {}, too late for this run to show that it flows again; give a "
      "longer --duration",
      show_ns(static_cast<double>(last_fault_end_ns)));
}

std::string fault_finding(const FaultsReport& report, std::int64_t schedule_ns) {
  for (const FaultOutcome& outcome : report.faults) {
    const ExecutedFault& executed = outcome.executed;
    if (!executed.trouble.empty() || executed.begun_ns < 0) {
      return fmt::format("the fault {} was not executed as planned: {}", fault_text(executed.fault),
                         executed.trouble.empty() ? "the run had ended before" : executed.trouble);
    }
  }
  return report.liveness.holds() ? "" : liveness_finding(report.liveness, schedule_ns);
}

}  // namespace spate::bench
