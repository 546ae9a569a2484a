// The verdict as a value; reports only render it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compare/exact.h"
#include "compare/exit_code.h"
#include "compare/invariants.h"
#include "compare/load.h"
#include "compare/metrics.h"

namespace spate::compare {

enum class Form : std::uint8_t {
  files,  // the same cells of two files
  modes,  // cells alike but for their mode
  exact,  // the same cells of two files, held to what the seed fixes
};

struct Input {
  std::string path;
  bool interrupted = false;
};

struct MetricResult {
  Metric metric;
  std::optional<double> reference;
  std::optional<double> other;
  std::optional<double> ratio;  // other / reference
};

struct CellResult {
  std::string name;
  bool is_delivery = false;  // else only the times are compared
  std::size_t repetitions_reference = 0;
  std::size_t repetitions_other = 0;
  std::vector<MetricResult> metrics;
  Exactness exactness;  // of Form::exact
};

struct Unmatched {
  std::string cell;
  std::string missing_on;
  bool is_loss = false;  // a cell that only the new file has is no loss
};

struct Comparison {
  Form form = Form::files;
  std::array<std::string, 2> sides;  // reference, other
  std::vector<Input> inputs;
  std::vector<CellResult> cells;
  std::vector<Unmatched> unmatched;
  std::vector<Break> breaks;
  std::size_t left_out = 0;  // rows that the form has no use for
  std::optional<double> median_throughput_ratio;
  std::optional<double> median_p50_ratio;
  ExitCode exit_code = ExitCode::fine;
};

Comparison compare_files(ResultFile base, ResultFile candidate);

// The same of deliveries alone, with the demand that what the seed fixes is equal.
Comparison compare_files_exactly(ResultFile base, ResultFile candidate);

// Rows of all files are pooled. Throws Error when no row has one of the modes.
Comparison compare_modes(const std::array<std::string, 2>& modes, std::vector<ResultFile> files);

// How many cells were held to what the seed fixes, and how many of them differ.
struct ExactCount {
  std::size_t demanded = 0;
  std::size_t different = 0;
};
ExactCount count_exact(const Comparison& comparison);

// One line that a person can quote.
std::string summary(const Comparison& comparison);

std::string_view verdict_name(ExitCode code);

}  // namespace spate::compare
