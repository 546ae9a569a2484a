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

  // A step of cpu_time by so much, `after` commits after the first.
  void add_step(std::size_t commits, std::size_t after, double factor) {
    const std::vector<double> noise = around(1, 20);
    for (std::size_t i = 0; i < commits; ++i) {
      json row = delivery_row();
      row["cpu_time"] = 1000 * noise[i * 7 % 20] * (i < after ? 1 : factor);
      add(i, {row}, i);
    }
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
