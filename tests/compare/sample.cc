#include "tests/compare/sample.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "compare/program.h"
#include "tests/support/hdr_text.h"

namespace spate::compare {
namespace {

using nlohmann::json;

json delivery_cell(const std::string& mode, int rate) {
  json cell = json::parse(R"({
    "chaos": {"profile": "off", "crash_rate": 0.0, "spike_rate": 0.0, "spike_max_ns": 500000000,
              "downtime_ns": 0},
    "agents": 9, "seed": 1, "duration_ns": 500000000, "window": 64, "payload_bytes": null,
    "types": {"text": 1, "broadcast": 1, "system": 1, "urgent": 1}, "workers": 2})");
  cell["mode"] = mode;
  cell["rate"] = rate;
  if (mode == "mock" || mode == "sim") {
    cell["mock"] = {
        {"latency_min_ns", 1000000}, {"latency_max_ns", 10000000}, {"success_rate", 0.95}};
  }
  return cell;
}

}  // namespace

json delivery_row(const std::string& mode, int rate) {
  json row = json::parse(R"({
    "run_type": "iteration", "family_index": 0, "per_family_instance_index": 0, "repetitions": 1,
    "repetition_index": 0, "threads": 1, "iterations": 500, "real_time": 5500000.0,
    "cpu_time": 1250.0, "time_unit": "ns", "sent": 500, "expected": 1500, "delivered": 1425,
    "failed": 75, "crashed": 0, "rejected": 0, "unknown": 0, "lost": 0, "spiked": 0,
    "recovered": 0, "duplicated": 0, "reordered": 3, "aliens": 0, "anomalies": 0, "corrupted": 0,
    "misreported": 0, "shed": 0, "saturated": 0, "success_rate": 0.95, "messages_per_second": 1000.0,
    "response_ns_mean": 5500000.0, "response_ns_p50": 5400000.0, "response_ns_p99": 9900000.0,
    "spate": {"digest": "9f00000000000001", "mock_digest": "1f00000000000001"}})");
  const std::string name =
      "delivery/mode:" + mode + "/chaos:off/rate:" + std::to_string(rate) + "/agents:9";
  row["name"] = name + "/iterations:500/manual_time";
  row["run_name"] = row["name"];
  row["spate"]["cell"] = delivery_cell(mode, rate);
  return row;
}

json virtual_row(int rate) {
  json row = delivery_row("sim", rate);
  row["spate"].update(json::parse(R"({
    "agents": [
      {"name": "Agent-1", "sent": 250, "delivered": 700, "response_ns_p99": 9900000},
      {"name": "Agent-2", "sent": 250, "delivered": 725, "response_ns_p99": 9800000}],
    "types": [{"name": "TEXT", "sent": 125, "delivered": 120, "response_ns_mean": 5400000.5}],
    "windows": [{"response_ns_p50": 5300000, "response_ns_p99": null}],
    "chaos_events": {"events": [{"t_ns": 17, "agent": 1, "kind": "crash"}], "left_out": 0}})"));
  row["spate"]["response_histogram"] = testing_support::text_of_words({0xff, 0x03, 0x02});
  return row;
}

json plain_row(const std::string& name, double time, const std::string& unit) {
  return {{"name", name},       {"run_name", name},  {"run_type", "iteration"},
          {"iterations", 1000}, {"real_time", time}, {"cpu_time", time / 2},
          {"time_unit", unit}};
}

json result_file(const std::vector<json>& rows, bool interrupted) {
  return {{"context", {{"spate_version", "0.1.0"}, {"interrupted", interrupted}}},
          {"benchmarks", rows}};
}

std::vector<json> often(const std::vector<json>& rows) {
  std::vector<json> result;
  for (const json& row : rows) {
    result.insert(result.end(), 4, row);
  }
  return result;
}

std::vector<json> with_values(const json& row, const std::string& key,
                              const std::vector<double>& values) {
  std::vector<json> result;
  for (const double value : values) {
    result.push_back(row);
    result.back()[key] = value;
  }
  return result;
}

std::vector<double> around(double middle, std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    values.push_back(middle * (0.99 + 0.02 * place));
  }
  return values;
}

Comparison compared(const std::vector<json>& base, const std::vector<json>& candidate,
                    const Settings& settings) {
  return compared_files({result_file(base)}, {result_file(candidate)}, settings);
}

Comparison compared_files(const std::vector<json>& base, const std::vector<json>& candidate,
                          const Settings& settings) {
  std::array<std::vector<ResultFile>, 2> sides;
  for (const json& file : base) {
    sides[0].push_back(parse_results(file.dump(), "base.json"));
  }
  for (const json& file : candidate) {
    sides[1].push_back(parse_results(file.dump(), "new.json"));
  }
  return compare_sides(sides, settings);
}

const MetricResult& metric_of(const Comparison& comparison, std::string_view key) {
  for (const MetricResult& result : comparison.cells.at(0).metrics) {
    if (result.metric.key == key) {
      return result;
    }
  }
  throw std::out_of_range("no metric " + std::string(key));
}

TemporaryFile::TemporaryFile(const std::string& text) {
  static std::atomic<int> count{0};
  path_ =
      std::filesystem::temp_directory_path() /
      ("spate_compare_test_" + std::to_string(getpid()) + "_" + std::to_string(count++) + ".json");
  std::ofstream(path_, std::ios::binary) << text;
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
}

Outcome run_on(const std::vector<std::string>& texts, std::vector<std::string> flags) {
  std::vector<TemporaryFile> files;
  for (const std::string& text : texts) {
    flags.push_back(files.emplace_back(text).path());
  }
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = run(std::move(flags), out, err);
  return {code, out.str(), err.str()};
}

Outcome compare(const json& base, const json& candidate) {
  return run_on({base.dump(), candidate.dump()});
}

Outcome compare_rows(const std::vector<json>& base, const std::vector<json>& candidate,
                     std::vector<std::string> flags) {
  return run_on({result_file(base).dump(), result_file(candidate).dump()}, std::move(flags));
}

Outcome compare_modes(const json& file, const std::string& modes) {
  return run_on({file.dump()}, {"--modes", modes});
}

json verdict(const std::vector<json>& files, std::vector<std::string> flags) {
  std::vector<std::string> texts;
  texts.reserve(files.size());
  for (const json& file : files) {
    texts.push_back(file.dump());
  }
  flags.insert(flags.end(), {"--format", "json"});
  return json::parse(run_on(texts, std::move(flags)).out);
}

}  // namespace spate::compare
