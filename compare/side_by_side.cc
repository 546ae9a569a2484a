#include "compare/side_by_side.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "compare/error.h"

namespace spate::compare {
namespace {

std::vector<nlohmann::json> runs_among(const std::vector<const Row*>& rows) {
  std::vector<nlohmann::json> result;
  for (const Row* row : rows) {
    if (row->kind == RowKind::iteration && !row->error) {
      result.push_back(row->json());
    }
  }
  return result;
}

std::vector<const nlohmann::json*> pointers_to(const std::vector<nlohmann::json>& runs) {
  std::vector<const nlohmann::json*> result;
  std::transform(runs.begin(), runs.end(), std::back_inserter(result),
                 [](const nlohmann::json& run) { return &run; });
  return result;
}

}  // namespace

ModeComparison side_by_side(const std::vector<const Row*>& reference,
                            const std::vector<const Row*>& other,
                            const std::vector<double>& quantiles) {
  const std::vector<nlohmann::json> first = runs_among(reference);
  const std::vector<nlohmann::json> second = runs_among(other);
  try {
    return compare_runs(pointers_to(first), pointers_to(second), quantiles);
  } catch (const Error& fault) {
    std::set<std::string> paths;
    for (const std::vector<const Row*>* rows : {&reference, &other}) {
      for (const Row* row : *rows) {
        paths.insert(row->origin->path);
      }
    }
    throw Error(fmt::format("{}: {}", fmt::join(paths, ", "), fault.what()));
  }
}

}  // namespace spate::compare
