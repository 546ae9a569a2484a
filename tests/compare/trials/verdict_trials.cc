// How often a verdict is wrong: false alarms where nothing changed, and changes that are not found.
//
//   verdict_trials [--trials N] [RECORDED.json …]
//
// Without files the noise is drawn, and the program fails where a rate is not what
// compare/README.md promises. With files, each of them one process of one program in the order in
// which they ran, it is dealt from them. The seed is fixed: each run prints the same.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compare/judge.h"
#include "compare/load.h"
#include "tests/compare/trials/sources.h"

namespace spate::compare {
namespace {

constexpr double kAlpha = 0.002;               // spate_compare's default
constexpr double kConfirmationAlpha = 0.0025;  // ci/gate's, of what a screening suspects
constexpr std::size_t kScreeningRounds = 6;
constexpr std::size_t kConfirmationRounds = 12;

struct Change {
  std::string_view name;
  std::vector<std::string_view> metrics;
  double factor = 1;
};

struct Rounds {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Rounds run A B B A, and which side is A was drawn.
Question question_of(const CellHistory& cell, std::size_t metric, Rounds rounds, bool paired,
                     bool swapped, const Change& change) {
  Question question;
  question.metric = cell.metrics[metric];
  question.paired = paired;
  const bool changes = std::find(change.metrics.begin(), change.metrics.end(),
                                 question.metric.key) != change.metrics.end();
  for (std::size_t round = rounds.first; round < rounds.first + rounds.count; ++round) {
    const std::size_t base = 2 * round + ((round % 2 == 1) != swapped ? 1 : 0);
    const std::size_t other = 2 * round + ((round % 2 == 1) != swapped ? 0 : 1);
    question.reference.push_back(cell.values[metric][base]);
    question.other.push_back(cell.values[metric][other] * (changes ? change.factor : 1));
  }
  return question;
}

// Of those metrics alone that are asked for.
std::vector<Judgement> judge_rounds(const CellHistory& cell, std::span<const std::size_t> metrics,
                                    Rounds rounds, bool paired, bool swapped, const Change& change,
                                    double alpha) {
  std::vector<Question> questions;
  for (const std::size_t metric : metrics) {
    questions.push_back(question_of(cell, metric, rounds, paired, swapped, change));
  }
  return judge_family(questions, alpha);
}

std::vector<std::size_t> all_metrics(const CellHistory& cell) {
  std::vector<std::size_t> result(cell.metrics.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  return result;
}

bool any_worse(const std::vector<Judgement>& judgements) {
  return std::any_of(judgements.begin(), judgements.end(), [](const Judgement& judgement) {
    return judgement.verdict == Verdict::worse;
  });
}

struct Protocol {
  std::string_view name;
  std::size_t rounds;
  bool (*finds)(const CellHistory& cell, bool swapped, const Change& change);
};

bool compare_finds(const CellHistory& cell, bool swapped, const Change& change) {
  return any_worse(judge_rounds(cell, all_metrics(cell), {0, kConfirmationRounds}, false, swapped,
                                change, kAlpha));
}

bool gate_finds(const CellHistory& cell, bool swapped, const Change& change) {
  const std::vector<Judgement> screened =
      judge_rounds(cell, all_metrics(cell), {0, kScreeningRounds}, true, swapped, change, kAlpha);
  std::vector<std::size_t> suspects;
  for (std::size_t metric = 0; metric < screened.size(); ++metric) {
    if (screened[metric].suspect) {
      suspects.push_back(metric);
    }
  }
  return any_worse(judge_rounds(cell, suspects, {kScreeningRounds, kConfirmationRounds}, true,
                                swapped, change, kConfirmationAlpha));
}

const std::vector<Protocol>& protocols() {
  static const std::vector<Protocol> all{
      {"12 and 12 processes", kConfirmationRounds, compare_finds},
      {"ci/gate", kScreeningRounds + kConfirmationRounds, gate_finds},
  };
  return all;
}

const std::vector<Change>& changes() {
  static const std::vector<Change> all{
      {"none", {}, 1},
      {"p50 +20 %", {kResponseP50}, 1.2},
      {"cpu +20 %", {kCpuTime}, 1.2},
      {"p50, cpu +20 %", {kResponseP50, kCpuTime}, 1.2},
      {"throughput -30 %", {kThroughput}, 0.7},
  };
  return all;
}

double rate(const Source& source, const Protocol& protocol, const Change& change,
            std::size_t trials) {
  Random random(1);
  std::size_t found = 0;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const CellHistory cell = source.draw(2 * protocol.rounds, random);
    found += protocol.finds(cell, random() % 2 == 0, change) ? 1U : 0U;
  }
  return static_cast<double>(found) / static_cast<double>(trials);
}

// Prints a row for each source and returns whether every promise was kept.
bool print_table(const Protocol& protocol, std::span<const std::unique_ptr<Source>> sources,
                 std::size_t trials) {
  constexpr double kFalseAlarms = 0.001;
  constexpr std::size_t kFewer = 10;  // shares near 1 need no more
  bool kept = true;
  fmt::print("\n{}\n\n| noise |", protocol.name);
  for (const Change& change : changes()) {
    fmt::print(" {} |", change.name == "none" ? "false alarms" : change.name);
  }
  fmt::print("\n|---|---:|---:|---:|---:|---:|\n");
  for (const std::unique_ptr<Source>& source : sources) {
    fmt::print("| {} |", source->name());
    for (const Change& change : changes()) {
      const bool is_none = change.metrics.empty();
      const double found = rate(*source, protocol, change,
                                is_none ? trials : std::max<std::size_t>(trials / kFewer, 1));
      fmt::print(" {:.{}f} % |", found * 100, is_none ? 3 : 1);
      kept = kept && !(is_none && found > kFalseAlarms);
    }
    fmt::print("\n");
  }
  return kept;
}

int run(std::size_t trials, const std::vector<std::string>& paths) {
  std::vector<std::unique_ptr<Source>> sources;
  if (paths.empty()) {
    for (const Noise& noise : noises()) {
      sources.push_back(std::make_unique<DrawnSource>(noise));
    }
  } else {
    sources.push_back(std::make_unique<RecordedSource>(load_all(paths)));
  }
  bool kept = true;
  for (const Protocol& protocol : protocols()) {
    kept = print_table(protocol, sources, trials) && kept;
  }
  if (!kept) {
    fmt::print("\nmore than 0.1 % false alarms\n");
  }
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace spate::compare

int main(int argc, char** argv) try {
  CLI::App app("Rates of false alarms and of changes found, from trials with a fixed seed");
  std::size_t trials = 20000;
  std::vector<std::string> paths;
  app.add_option("--trials", trials, "For each rate of false alarms; a tenth for the others");
  app.add_option("files", paths, "Recorded processes, in the order in which they ran");
  CLI11_PARSE(app, argc, argv);
  return spate::compare::run(trials, paths);
} catch (const std::exception& fault) {
  (void)std::fprintf(stderr, "verdict_trials: %s\n", fault.what());
  return 2;
}
