// A search for the highest rate at which an objective holds (spate_stress --find-rate): its steps
// and its answer, as their rows tell them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compare/load.h"

namespace spate::compare::html {

struct SearchStep {
  const Row* row = nullptr;
  double rate = 0;
  bool holds = false;
  bool is_control = false;           // over the mock without latency: no part of the search
  std::vector<std::string> reasons;  // why it does not hold
  // Of what the objective limits.
  std::vector<std::pair<std::string, std::optional<double>>> values;
};

struct SearchAnswer {
  double rate = 0;              // the highest that surely holds
  std::optional<double> fails;  // the lowest above that surely does not
  std::string why_fails;
  bool at_least = false;           // a lower bound and no more
  bool generator_limited = false;  // what fails is Spate itself, or its machine
  bool few_samples = false;
};

struct Search {
  std::string mode;
  std::string name;                    // "mock, no chaos, 9 agents"
  std::string objective;               // empty: it did not come to its end
  std::optional<SearchAnswer> answer;  // none: no rate holds, or as above
  std::string why_none;
  std::vector<SearchStep> steps;  // in the order in which they were run
};

// Of each file those that are in it, one after the other: steps, and behind them their answer.
// Throws Error, naming the row, where a member is of another type.
std::vector<Search> searches_in(const std::vector<ResultFile>& files);

}  // namespace spate::compare::html
