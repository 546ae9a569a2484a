// A result file, checked and reduced to what a comparison needs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spate::compare {

// The mode in virtual time: the seed fixes its rows to the bit, with any number of workers.
inline constexpr std::string_view kVirtualTime = "sim";

enum class RowKind : std::uint8_t {
  iteration,  // one measured repetition
  mean,       // Google Benchmark's aggregates over repetitions; kept only where a file has
  median,     // no iteration rows of that run_name (--benchmark_report_aggregates_only)
};

struct Row {
  std::string file;
  std::string run_name;
  RowKind kind = RowKind::iteration;
  std::optional<double> iterations;
  std::optional<std::string> error;  // the benchmark failed, and why
  // Canonical, and shared by copies of the row; none in a row that is not of a delivery.
  std::shared_ptr<const nlohmann::json> cell;
  std::string mode;    // empty where there is no cell
  std::string digest;  // empty where unknown
  // Counters by their names in the file; besides them real_time_ns and cpu_time_ns.
  std::map<std::string, double, std::less<>> numbers;
  // The row as it stands in the file, all of which lives as long as this.
  std::shared_ptr<const nlohmann::json> source;

  std::optional<double> value(std::string_view name) const;
};

struct ResultFile {
  std::string path;
  bool interrupted = false;
  std::vector<Row> rows;
};

// Both throw Error when the file cannot be read or is not a Google Benchmark result file.
ResultFile load_results(const std::string& path);
ResultFile parse_results(std::string_view text, const std::string& path);

}  // namespace spate::compare
