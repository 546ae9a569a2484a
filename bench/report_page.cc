#include "report_page.h"

#include <fmt/format.h>

#include <vector>

#include "compare/comparison.h"
#include "compare/html/report.h"
#include "compare/load.h"
#include "result_file.h"

namespace spate::bench {
namespace {

// As much of a row as there is of a run that was stopped: the result file has none of it.
Json row_of(const Json& cut_short) {
  Json row = cut_short;
  const Json& cell = row.at("spate").at("cell");
  const std::string name =
      fmt::format("delivery/mode:{}/chaos:{}/rate:{}/agents:{}", cell.at("mode").get<std::string>(),
                  cell.at("chaos").at("profile").get<std::string>(), cell.at("rate").dump(),
                  cell.at("agents").dump());
  row.update({{"name", name},
              {"run_name", name},
              {"run_type", "iteration"},
              {"iterations", row.at("sent")},
              {"real_time", nullptr},
              {"cpu_time", nullptr},
              {"time_unit", "ns"}});
  row["spate"]["cut_short"] = true;
  return row;
}

std::string with_cut_short(const ReportedRuns& runs) {
  if (runs.cut_short.is_null()) {
    return runs.result;
  }
  Json document = Json::parse(runs.result);
  document["benchmarks"].push_back(row_of(runs.cut_short));
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string page_of(const ReportedRuns& runs, const std::string& name) {
  std::vector<compare::ResultFile> files;
  files.push_back(compare::parse_results(with_cut_short(runs), name));
  const compare::Comparison comparison =
      runs.modes ? compare::compare_modes(*runs.modes, files) : compare::show_cells(files);
  const std::array<const std::vector<compare::ResultFile>*, 1> sides{&files};
  return compare::html::report(comparison, sides);
}

}  // namespace

std::string result_name(const StressOptions& options) {
  const std::string& path = options.matrix.out_path;
  return path.empty() ? "this one; --output FILE would keep it" : path;
}

void write_report(const StressOptions& options, const ReportedRuns& runs) {
  if (!options.report_path.empty()) {
    ResultFile(options.report_path, "--report").write_last(page_of(runs, result_name(options)));
  }
}

}  // namespace spate::bench
