// The verdict as a value; reports only render it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/common_factors.h"
#include "compare/context.h"
#include "compare/exact.h"
#include "compare/exit_code.h"
#include "compare/invariants.h"
#include "compare/judge.h"
#include "compare/load.h"
#include "compare/match.h"
#include "compare/metrics.h"
#include "compare/mode_comparison.h"
#include "compare/settings.h"

namespace spate::compare {

struct Input {
  std::string path;
  std::size_t side = 0;  // 0: reference, 1: other; of Form::modes both
  bool interrupted = false;
  bool truncated = false;
  std::vector<std::string> notes;
};

struct MetricResult {
  Metric metric;
  std::optional<double> reference;  // medians
  std::optional<double> other;
  std::optional<double> ratio;              // other / reference
  std::array<std::size_t, 2> runs{};        // values on each side
  Judgement judgement;                      // of Form::files
  std::optional<std::string> acknowledged;  // the reason
};

struct CellResult {
  std::string name;
  std::array<std::string, 2> run_names;  // as in the files
  bool is_delivery = false;
  std::size_t repetitions_reference = 0;
  std::size_t repetitions_other = 0;
  std::vector<MetricResult> metrics;            // what is judged first
  Exactness exactness;                          // not of Form::modes
  std::shared_ptr<const ModeComparison> modes;  // of Form::modes, else null
};

// A cell that one side lacks, or a metric of one that both have.
struct Unmatched {
  std::string cell;
  std::string metric;  // empty: the whole cell
  std::string missing_on;
  std::size_t files_without = 0;  // so many of that side's files; 0: all
  bool is_loss = false;           // a cell that only the new file has is no loss
  bool is_fresh = false;          // such a one
  std::optional<std::string> acknowledged;
};

// A cell whose two modes were struck by other real faults.
struct FaultDifference {
  std::string cell;
  std::array<std::string, 2> plans;  // for people
};

// How many metrics of all cells got each verdict, acknowledged ones aside.
struct Tally {
  std::size_t better = 0;
  std::size_t same = 0;
  std::size_t worse = 0;
  std::size_t cannot_tell = 0;
  std::size_t acknowledged = 0;

  std::size_t judged() const { return better + same + worse + cannot_tell + acknowledged; }
};

struct Comparison {
  Form form = Form::files;
  std::array<std::string, 2> sides;  // reference, other
  std::vector<Input> inputs;
  Settings settings;
  Replication replication = Replication::process;
  std::vector<ContextDifference> context_differences;
  bool is_comparable = true;  // else no cell was judged, and all below but breaks is empty
  std::vector<CellResult> cells;
  // What was compared: cells[i] is pairs[i], of Form::show only_reference[i]. Its rows are those of
  // the files, and no longer there when these are gone.
  std::shared_ptr<const Matching> matching;
  std::vector<Unmatched> unmatched;
  std::vector<Break> breaks;
  std::vector<FaultDifference> fault_differences;  // of Form::modes, where both could have them
  std::vector<std::string> unclassified;           // metrics of which nobody said what they are
  std::vector<std::string> unused_rules;      // patterns of rules that no metric has the name for
  std::vector<std::string> suspects_not_met;  // that were to be judged, and are not there
  std::vector<std::string> expired_acknowledgements;
  std::vector<CommonFactor> common;  // what the cells that got worse share
  std::size_t left_out = 0;          // rows that the form has no use for
  // Steps of searches for a highest rate: which rates were tried follows from the answer, which has
  // a row of its own, and that some of them failed is the way to find it.
  std::size_t steps_left_out = 0;
  Tally tally;
  std::optional<double> median_throughput_ratio;
  std::optional<double> median_p50_ratio;
  ExitCode exit_code = ExitCode::fine;
};

// Each side's files are its processes.
Comparison compare_sides(const std::array<std::vector<ResultFile>, 2>& sides,
                         const Settings& settings = {});

// The same of deliveries alone, with the demand that what the seed fixes is equal.
Comparison compare_sides_exactly(const std::array<std::vector<ResultFile>, 2>& sides,
                                 const Settings& settings = {});

// Rows of all files are pooled. Throws Error when no row has one of the modes.
Comparison compare_modes(const std::array<std::string, 2>& modes,
                         const std::vector<ResultFile>& files, const Settings& settings = {});

// Nothing is compared: the cells of all files, and what must hold in each of them.
Comparison show_cells(const std::vector<ResultFile>& files, const Settings& settings = {});

// How many cells were held to what the seed fixes, and how many of them differ.
struct ExactCount {
  std::size_t demanded = 0;
  std::size_t different = 0;
};
ExactCount count_exact(const Comparison& comparison);

// What the exit code means here, in a word or two.
std::string_view outcome_name(const Comparison& comparison);

// One line that a person can quote.
std::string summary(const Comparison& comparison);

}  // namespace spate::compare
