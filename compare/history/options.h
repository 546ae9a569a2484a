// The flags of --history.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace spate::compare {

struct Options;

struct HistoryOptions {
  std::string folder;
  std::vector<std::string> results;  // to add; empty: show the trend
  std::string commit;                // of results that do not say
  std::string date;                  // the same, YYYY-MM-DD
  std::vector<std::string> cells;    // patterns: what to show
  std::vector<std::string> metrics;
  bool ascii = false;
  bool is_gate = false;  // --fail-on was given
  std::size_t recent = 10;
};

void add_history_options(CLI::App& app, HistoryOptions& given);

// What was given, where it was: after the command line is parsed. Takes the patterns from
// `metrics`, of which the others say what a metric is. Throws Error on flags that do not go
// together.
std::optional<HistoryOptions> take_history(const CLI::App& app, const HistoryOptions& given,
                                           std::vector<std::string>& metrics, Options& options);

}  // namespace spate::compare
