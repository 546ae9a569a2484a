#include "compare/context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "compare/humane.h"
#include "compare/load.h"

namespace spate::compare {
namespace {

constexpr std::array<std::string_view, 6> kNames{"cpu_model",          "num_cpus", "build_type",
                                                 "library_build_type", "workers",  "seed"};
constexpr std::array<std::string_view, 2> kOfThePlan{"workers", "seed"};
constexpr std::string_view kDeliveries = "deliveries";

bool is_of_the_plan(std::string_view name) {
  return std::find(kOfThePlan.begin(), kOfThePlan.end(), name) != kOfThePlan.end();
}

}  // namespace

std::map<std::string, std::string> comparable_context(const Fields& context) {
  std::map<std::string, std::string> result;
  for (const std::string_view name : kNames) {
    const auto found = context.json().find(name);
    if (found != context.json().end() && found->is_primitive() && !found->is_null()) {
      result.emplace(name, unquoted(*found));
    }
  }
  if (const auto found = context.json().find(kDeliveries);
      found != context.json().end() && found->is_object()) {
    for (const auto& [mode, version] : found->items()) {
      if (!version.is_null()) {
        result.emplace(fmt::format("{}.{}", kDeliveries, mode), unquoted(version));
      }
    }
  }
  return result;
}

std::vector<ContextDifference> context_differences(const std::vector<const ResultFile*>& files,
                                                   ContextScope scope) {
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> seen;  // value, file
  for (const ResultFile* file : files) {
    for (const auto& entry : file->context) {
      auto& values = seen[entry.first];
      const bool is_new = std::none_of(values.begin(), values.end(), [&](const auto& known) {
        return known.first == entry.second;
      });
      if (is_new) {
        values.emplace_back(entry.second, file->path);
      }
    }
  }
  std::vector<ContextDifference> result;
  for (const auto& [name, values] : seen) {
    if (values.size() < 2 || (scope == ContextScope::without_plan && is_of_the_plan(name))) {
      continue;
    }
    std::vector<std::string> parts;
    for (const auto& [value, file] : values) {
      parts.push_back(fmt::format("{} in {}", value, file));
    }
    result.push_back({name, fmt::format("{}", fmt::join(parts, ", "))});
  }
  return result;
}

}  // namespace spate::compare
