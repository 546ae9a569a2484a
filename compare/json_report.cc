#include "compare/json_report.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace spate::compare {
namespace {

using nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

ordered_json or_null(std::optional<double> value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds:
      return "ns";
    case Unit::per_second:
      return "1/s";
    case Unit::share:
      return "1";
  }
  return "1";
}

ordered_json inputs_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const Input& input : comparison.inputs) {
    result.push_back({{"path", input.path}, {"interrupted", input.interrupted}});
  }
  return result;
}

ordered_json metrics_json(const CellResult& cell) {
  ordered_json result = ordered_json::object();
  for (const MetricResult& metric : cell.metrics) {
    result[std::string(metric.metric.key)] = {{"unit", unit_name(metric.metric.unit)},
                                              {"reference", or_null(metric.reference)},
                                              {"other", or_null(metric.other)},
                                              {"ratio", or_null(metric.ratio)}};
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
         {"repetitions", ordered_json::array({cell.repetitions_reference, cell.repetitions_other})},
         {"metrics", metrics_json(cell)}});
    if (comparison.form == Form::exact) {
      result.back()["exact"] = exact_json(cell.exactness);
    }
  }
  return result;
}

ordered_json unmatched_json(const Comparison& comparison) {
  ordered_json result = ordered_json::array();
  for (const Unmatched& cell : comparison.unmatched) {
    result.push_back(
        {{"cell", cell.cell}, {"missing_on", cell.missing_on}, {"loss", cell.is_loss}});
  }
  return result;
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
  const ordered_json document = {{"schema_version", kSchemaVersion},
                                 {"form", form_name(comparison.form)},
                                 {"reference", comparison.sides[0]},
                                 {"other", comparison.sides[1]},
                                 {"inputs", inputs_json(comparison)},
                                 {"cells", cells_json(comparison)},
                                 {"unmatched", unmatched_json(comparison)},
                                 {"broken_invariants", breaks_json(comparison)},
                                 {"rows_left_out", comparison.left_out},
                                 {"median_ratio",
                                  {{kThroughput, or_null(comparison.median_throughput_ratio)},
                                   {kResponseP50, or_null(comparison.median_p50_ratio)}}},
                                 {"summary", summary(comparison)},
                                 {"verdict", verdict_name(comparison.exit_code)},
                                 {"exit_code", static_cast<int>(comparison.exit_code)}};
  // A path need not be UTF-8.
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace spate::compare
