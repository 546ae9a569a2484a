#include "step_verdict.h"

#include <fmt/format.h>

#include "steady_state.h"

namespace spate::bench {
namespace {

constexpr double kAchievedEnough = 0.99;  // as of a saturated run
// Where the objective has no limit of a time: a queue that makes people wait for a second is one.
constexpr double kLongWaitNs = 1e9;

// What was shed within its limit makes a run saturated all the same; then the rate speaks.
bool achieved(const Objective& objective, const RunReport& report) {
  const bool shed_is_limited = objective.mentions("shed") && report.shed > 0;
  return shed_is_limited ? report.rate_achieved >= kAchievedEnough * report.rate_due
                         : !report.saturated;
}

void judge_conditions(const Objective& objective, const RunReport& report, StepVerdict& verdict) {
  bool silent = false;
  for (const Condition& condition : objective.conditions()) {
    const Measure& measure = condition.measure;
    const std::optional<double> value = measure.value(report);
    verdict.values.emplace_back(measure.name, value ? Json(*value) : Json(nullptr));
    silent = silent || !value;
    if (value && !condition.met_by(*value)) {
      verdict.reasons.push_back(fmt::format("{} {}", measure.name, condition.show(*value)));
    }
  }
  if (silent || report.total.delivered == 0) {
    verdict.reasons.emplace_back("nothing delivered");
  }
}

void judge_account(const Objective& objective, const RunReport& report, StepVerdict& verdict) {
  const Account& account = report.account;
  const auto none_of = [&](const char* name, std::uint64_t count) {
    if (count > 0 && !objective.mentions(name)) {
      verdict.reasons.push_back(fmt::format("{} {}", name, count));
    }
  };
  none_of("lost", account.lost);
  none_of("duplicated", account.duplicated);
  none_of("rejected", report.rejected);
  none_of("anomalies", account.anomalies);
  none_of("aliens", account.aliens);
  none_of("corrupted", account.corrupted);
  none_of("misreported", account.misreported);
  none_of("unknown", account.unknown);
  if (!report.balanced()) {
    verdict.reasons.emplace_back("broken account");
  }
}

}  // namespace

StepVerdict judge_step(const Objective& objective, const RunReport& report) {
  StepVerdict verdict;
  judge_conditions(objective, report, verdict);
  if (!achieved(objective, report)) {
    verdict.reasons.emplace_back("rate not achieved");
  }
  judge_account(objective, report, verdict);
  const std::string rising =
      building_up(report.windows, objective.shortest_response_limit_ns().value_or(kLongWaitNs));
  if (!rising.empty()) {
    verdict.reasons.push_back(fmt::format("{} keeps rising", rising));
  }
  return verdict;
}

}  // namespace spate::bench
