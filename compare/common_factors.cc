#include "compare/common_factors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "compare/humane.h"

namespace spate::compare {
namespace {

constexpr double kTelling = 0.05;

// Values that define a cell, except for the seed, which is no property of what is measured.
Factors of_delivery(const nlohmann::json& identity) {
  Factors result;
  const nlohmann::json flat = identity.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    std::string name = dotted(pointer);
    if (name == "seed" || value.is_null()) {
      continue;
    }
    name = name == "chaos.profile" ? "chaos" : name;
    result.emplace(std::move(name), unquoted(value));
  }
  return result;
}

Factors of_name(std::string_view name) {
  Factors result;
  std::size_t begin = 0;
  for (std::size_t part_index = 0; begin <= name.size(); ++part_index) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    const std::size_t colon = part.find(':');
    // C++'s own "::" is in the first part alone, which is the function's name.
    if (part_index == 0) {
      result.emplace("benchmark", part);
    } else if (colon == std::string_view::npos) {
      result.emplace(fmt::format("argument {}", part_index), part);
    } else {
      result.emplace(part.substr(0, colon), part.substr(colon + 1));
    }
    begin = end + 1;
  }
  return result;
}

using Factor = std::pair<std::string, std::string>;

// Which cells have it.
std::vector<bool> having(const std::vector<FlaggedCell>& cells, const Factor& factor) {
  std::vector<bool> result;
  for (const FlaggedCell& cell : cells) {
    const auto found = cell.factors.find(factor.first);
    result.push_back(found != cell.factors.end() && found->second == factor.second);
  }
  return result;
}

TwoByTwo count(const std::vector<FlaggedCell>& cells, const std::vector<bool>& has_it) {
  TwoByTwo table;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ++(cells[i].is_worse ? (has_it[i] ? table.flagged_having : table.flagged_lacking)
                         : (has_it[i] ? table.other_having : table.other_lacking));
  }
  return table;
}

// Those that at least half of the worse cells share; whole values ("chaos") before their parts
// ("chaos.crash_rate"), which say the same once more.
std::vector<Factor> candidates_of(const std::vector<FlaggedCell>& cells, std::size_t worse) {
  std::map<Factor, std::size_t> counts;
  for (const FlaggedCell& cell : cells) {
    if (cell.is_worse) {
      for (const auto& factor : cell.factors) {
        ++counts[Factor(factor)];
      }
    }
  }
  std::vector<Factor> result;
  for (const auto& [factor, count] : counts) {
    if (count >= 2 && 2 * count >= worse) {
      result.push_back(factor);
    }
  }
  const auto is_whole = [](const Factor& factor) {
    return factor.first.find('.') == std::string::npos;
  };
  std::stable_partition(result.begin(), result.end(), is_whole);
  return result;
}

}  // namespace

Factors factors_of(const Cell& cell) {
  return cell.is_delivery() ? of_delivery(cell.identity)
                            : of_name(bare_name(cell.rows.front()->run_name));
}

std::vector<CommonFactor> common_factors(const std::vector<FlaggedCell>& cells) {
  const auto worse = static_cast<std::size_t>(std::count_if(
      cells.begin(), cells.end(), [](const FlaggedCell& cell) { return cell.is_worse; }));
  std::set<std::vector<bool>> seen;
  std::vector<CommonFactor> result;
  for (const Factor& factor : candidates_of(cells, worse)) {
    const std::vector<bool> has_it = having(cells, factor);
    const TwoByTwo table = count(cells, has_it);
    const double p = fisher_exact_p(table);
    const bool tells = table.flagged_lacking == 0 || p <= kTelling;
    const bool all_have_it = table.flagged_lacking + table.other_lacking == 0;
    if (tells && !all_have_it && seen.insert(has_it).second) {
      result.push_back({factor.first, factor.second, table, p});
    }
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const CommonFactor& a, const CommonFactor& b) { return a.p < b.p; });
  if (result.size() > kMaxCommonFactors) {
    result.resize(kMaxCommonFactors);
  }
  return result;
}

}  // namespace spate::compare
