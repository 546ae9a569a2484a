// Rows gathered into cells: one coordinate of the matrix with all its repetitions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "compare/load.h"

namespace spate::compare {

enum class Identity : std::uint8_t {
  whole,            // every value that defines the cell; of virtual time no workers do
  without_mode,     // all but the mode, what only the mock has, and real faults, which only brokers
                    // have: for one mode against another
  without_workers,  // all but these and the workers: for virtual time against another mode
  without_plan,     // all but seed and workers: for advice on runs that differ in them
};

struct Cell {
  nlohmann::json identity;       // what makes it this cell; null: its name in the file does
  std::string key;               // the same as text: equal where the cells are the same
  std::string name;              // for people
  std::vector<const Row*> rows;  // its repetitions in all files, never empty

  bool is_delivery() const { return rows.front()->delivery != nullptr; }
  // Of runs: not the answer of a search, which has no rate and no account.
  bool is_of_runs() const { return is_delivery() && !rows.front()->delivery->is_answer; }
};

// Names without what says how was measured that stand, in one file, for benchmarks that differ in
// just that: their whole names tell them apart, on both sides.
using Names = std::unordered_set<std::string>;
Names ambiguous_names(const std::vector<const ResultFile*>& files);

// In order of appearance; the rows outlive the cells. Throws Error when two rows of one identity
// are not repetitions of each other: which of them to compare is not for this program to guess.
std::vector<Cell> gather_cells(std::span<const Row* const> rows, Identity identity,
                               const Names& ambiguous = {});

// The rows that carry the cell's values: of each file its repetitions or, where it has only
// aggregates, the median of them, else the mean.
std::vector<const Row*> measured_rows(const Cell& cell);

// The counters that any of the rows has, in the order of the file.
std::vector<std::string_view> counter_names(std::span<const Row* const> rows);

// A benchmark's name without what Google Benchmark adds for how it was measured (/iterations:5,
// /repeats:3, /min_time:0.1, /min_warmup_time:1, /process_time, /real_time, /manual_time). The
// threads, which come last, stay.
std::string bare_name(std::string_view run_name);

}  // namespace spate::compare
