#include "compare/json_report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "compare/mode_report.h"

namespace spate::compare {
namespace {

using nlohmann::ordered_json;

constexpr int kSchemaVersion = 2;

ordered_json or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json inputs_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const Input& input : comparison.inputs) {
    result.push_back({{"path", input.path},
                      {"interrupted", input.interrupted},
                      {"truncated", input.truncated},
                      {"notes", input.notes}});
    if (comparison.form != Form::modes) {
      result.back()["side"] = comparison.sides.at(input.side);
    }
  }
  return result;
}

ordered_json or_null(const std::optional<std::string>& text) {
  return text ? ordered_json(*text) : ordered_json(nullptr);
}

ordered_json judgement_json(const MetricResult& metric) {
  const Judgement& judgement = metric.judgement;
  const std::optional<Interval>& interval = judgement.evidence.interval;
  return {{"verdict", verdict_name(judgement.verdict)},
          {"effect", metric.metric.effect},
          {"change", or_null(judgement.evidence.change)},
          {"low", or_null(interval ? std::optional{interval->low} : std::nullopt)},
          {"high", or_null(interval ? std::optional{interval->high} : std::nullopt)},
          {"p", or_null(judgement.evidence.p)},
          {"p_adjusted", or_null(judgement.p_adjusted)},
          {"detectable", or_null(judgement.detectable)},
          {"runs_needed", judgement.runs_needed == 0 ? ordered_json(nullptr)
                                                     : ordered_json(judgement.runs_needed)},
          {"suspect", judgement.suspect},
          {"acknowledged", or_null(metric.acknowledged)}};
}

ordered_json metrics_json(const CellResult& cell) {
  ordered_json result = ordered_json::object();
  for (const MetricResult& metric : cell.metrics) {
    ordered_json one = {{"class", class_name(metric.metric.metric_class)},
                        {"better", direction_name(metric.metric.direction)},
                        {"unit", unit_name(metric.metric.unit)},
                        {"reference", or_null(metric.reference)},
                        {"other", or_null(metric.other)},
                        {"ratio", or_null(metric.ratio)},
                        {"runs", metric.runs}};
    if (metric.judgement.verdict != Verdict::not_judged) {
      one.update(judgement_json(metric));
    }
    result[metric.metric.key] = std::move(one);
  }
  return result;
}

std::string_view form_name(Form form) {
  switch (form) {
    case Form::files:
      return "files";
    case Form::modes:
      return "modes";
    case Form::exact:
      return "exact";
    case Form::show:
      return "show";
  }
  return "unknown";
}

ordered_json exact_json(const Exactness& exactness) {
  ordered_json differences = ordered_json::array();
  for (const Difference& difference : exactness.differences) {
    differences.push_back({{"key", difference.key},
                           {"reference_row", difference.reference_row},
                           {"other_row", difference.other_row},
                           {"reference", difference.reference},
                           {"other", difference.other}});
  }
  return {{"demanded", exactness.demanded},
          {"differences", std::move(differences)},
          {"differences_left_out", exactness.more}};
}

ordered_json cells_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const CellResult& cell : comparison.cells) {
    result.push_back(
        {{"cell", cell.name},
         {"names", cell.run_names},
         {"repetitions", ordered_json::array({cell.repetitions_reference, cell.repetitions_other})},
         {"metrics", metrics_json(cell)}});
    if (comparison.form == Form::modes) {
      result.back()["side_by_side"] = mode_json(*cell.modes);
    }
    if (comparison.form != Form::modes && cell.is_delivery) {
      result.back()["exact"] = exact_json(cell.exactness);
    }
  }
  return result;
}

ordered_json unmatched_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const Unmatched& cell : comparison.unmatched) {
    result.push_back(
        {{"cell", cell.cell},
         {"metric", cell.metric.empty() ? ordered_json(nullptr) : ordered_json(cell.metric)},
         {"missing_on", cell.missing_on},
         {"files",
          cell.files_without == 0 ? ordered_json(nullptr) : ordered_json(cell.files_without)},
         {"loss", cell.is_loss},
         {"acknowledged", or_null(cell.acknowledged)}});
  }
  return result;
}

ordered_json context_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const ContextDifference& difference : comparison.context_differences) {
    result.push_back({{"name", difference.name}, {"detail", difference.detail}});
  }
  return result;
}

ordered_json common_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const CommonFactor& factor : comparison.common) {
    result.push_back({{"factor", factor.name},
                      {"value", factor.value},
                      {"worse_with", factor.counts.flagged_having},
                      {"worse_without", factor.counts.flagged_lacking},
                      {"others_with", factor.counts.other_having},
                      {"others_without", factor.counts.other_lacking},
                      {"p", factor.p}});
  }
  return result;
}

ordered_json fault_differences_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const FaultDifference& difference : comparison.fault_differences) {
    result.push_back({{"cell", difference.cell},
                      {"reference", difference.plans[0]},
                      {"other", difference.plans[1]}});
  }
  return result;
}

ordered_json tally_json(const Tally& tally) {
  return {{"better", tally.better},
          {"same", tally.same},
          {"worse", tally.worse},
          {"cannot_tell", tally.cannot_tell},
          {"acknowledged", tally.acknowledged}};
}

ordered_json breaks_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const Break& found : comparison.breaks) {
    result.push_back({{"cell", found.cell},
                      {"side", found.side},
                      {"kind", found.kind},
                      {"detail", found.detail}});
  }
  return result;
}

}  // namespace

std::string json_report(const Comparison& comparison) {
  const ordered_json document = {
      {"schema_version", kSchemaVersion},
      {"form", form_name(comparison.form)},
      {"reference", comparison.sides[0]},
      {"other", comparison.sides[1]},
      {"inputs", inputs_json(comparison)},
      {"comparable", comparison.is_comparable},
      {"context_differences", context_json(comparison)},
      {"alpha", comparison.settings.alpha},
      {"family", comparison.settings.family == Family::cell ? "cell" : "comparison"},
      {"replication", comparison.replication == Replication::process ? "process" : "repetition"},
      {"cells", cells_json(comparison)},
      {"unmatched", unmatched_json(comparison)},
      {"broken_invariants", breaks_json(comparison)},
      {"in_common", common_json(comparison)},
      {"fault_differences", fault_differences_json(comparison)},
      {"unclassified", comparison.unclassified},
      {"unused_rules", comparison.unused_rules},
      {"suspects_not_met", comparison.suspects_not_met},
      {"expired_acknowledgements", comparison.expired_acknowledgements},
      {"verdicts", tally_json(comparison.tally)},
      {"rows_left_out", comparison.left_out},
      {"steps_left_out", comparison.steps_left_out},
      {"median_ratio",
       {{kThroughput, or_null(comparison.median_throughput_ratio)},
        {kResponseP50, or_null(comparison.median_p50_ratio)}}},
      {"summary", summary(comparison)},
      {"verdict", outcome_name(comparison)},
      {"exit_code", static_cast<int>(comparison.exit_code)}};
  // A path need not be UTF-8.
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace spate::compare
