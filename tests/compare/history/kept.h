// A history in memory, for tests of what is made of one.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/history/trend.h"
#include "tests/compare/sample.h"
#include "tests/compare/statistics/draws.h"

namespace spate::compare {

using nlohmann::json;

class Kept {
 public:
  // Results of commit number `commit`, of that minute.
  void add(std::size_t commit, const std::vector<json>& rows, std::size_t minute,
           const json& context = {{"cpu_model", "one"}}) {
    json file = result_file(rows);
    file["context"].update(context);
    file["context"]["date"] = fmt::format("2026-01-{:02}T{:02}:{:02}:00+00:00", 1 + minute / 1440,
                                          minute / 60 % 24, minute % 60);
    if (!file["context"].contains("git_commit")) {
      file["context"]["git_commit"] = fmt::format("{:012x}", commit);
    }
    ResultFile loaded = parse_results(file.dump(), fmt::format("{:03}.json", files_.size()));
    Provenance provenance = provenance_of(loaded);
    files_.push_back({std::move(loaded), std::move(provenance)});
  }

  // A commit for each of the values, which are cpu_time.
  void add_values(const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      json row = delivery_row();
      row["cpu_time"] = values[i];
      add(i, {row}, i);
    }
  }

  // Levels of so many commits each, in noise of 1 %.
  void add_levels(const std::vector<std::pair<std::size_t, double>>& levels) {
    const std::vector<double> noise = around(1, 20);
    std::vector<double> values;
    for (const auto& [commits, level] : levels) {
      for (std::size_t i = 0; i < commits; ++i) {
        values.push_back(1000 * noise[values.size() * 7 % 20] * level);
      }
    }
    add_values(values);
  }

  // A step of cpu_time by so much, `after` commits after the first.
  void add_step(std::size_t commits, std::size_t after, double factor) {
    add_levels({{after, 1}, {commits - after, factor}});
  }

  Trend trend(TrendSettings settings = {}) {
    settings.settings.alpha = 0.001;
    settings.settings.today = "2026-12-01";
    return trend_of({"folder", std::move(files_), std::move(unreadable)}, std::move(settings));
  }

  std::vector<std::string> unreadable;

 private:
  std::vector<KeptResult> files_;
};

inline const TrendLine& line_of(const TrendSeries& series, std::string_view key) {
  for (const TrendLine& line : series.lines) {
    if (line.metric.key == key) {
      return line;
    }
  }
  ADD_FAILURE() << "no line of " << key;
  return series.lines.front();
}

inline TrendSettings gate(bool worse = true) {
  TrendSettings settings;
  settings.is_gate = true;
  settings.settings.fail_on = {worse, false, false, false};
  return settings;
}

}  // namespace spate::compare
