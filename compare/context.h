// What two files must have in common for a difference between their numbers to mean anything.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/fields.h"

namespace spate::compare {

struct ResultFile;

// Of a file's context, by name: the CPU, the build type, workers, seed, and each delivery's
// version. Only what is there: a file of another program says less, and silence contradicts
// nothing.
std::map<std::string, std::string> comparable_context(const Fields& context);

struct ContextDifference {
  std::string name;    // "cpu_model", "deliveries.redis"
  std::string detail;  // each value with the first file that has it
};

// Where the files do not agree. Cells of one run carry their own workers and seed, so that a
// comparison within runs does not ask for these.
enum class ContextScope : std::uint8_t { whole, without_plan };
std::vector<ContextDifference> context_differences(const std::vector<const ResultFile*>& files,
                                                   ContextScope scope);

}  // namespace spate::compare
