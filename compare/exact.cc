#include "compare/exact.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "compare/fields.h"
#include "compare/humane.h"
#include "compare/json_text.h"

namespace spate::compare {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> kNotFixed{"cpu_time",    "name",
                                                    "run_name",    "family_index",
                                                    "repetitions", "per_family_instance_index",
                                                    "threads",     "repetition_index"};
constexpr std::array<std::string_view, 7> kDrawn{"sent",
                                                 "expected",
                                                 "crashed",
                                                 "spiked",
                                                 "burst_failures",
                                                 "reorders_injected",
                                                 "duplicates_injected"};
constexpr std::array<std::string_view, 3> kDrawnByMock{"failed", "delivered", "acks_dropped"};
constexpr std::string_view kNoDraws = "0000000000000000";  // the mock's digest elsewhere

bool machine_had_a_say(const Row& row) {
  if (row.delivery->is_answer) {
    return true;
  }
  const Fields cell(*row.delivery->cell, row.where());
  const bool closed = cell.required_number("rate") == 0;
  const bool by_time = !cell.number("messages");
  const bool downtimes = cell.required_object("chaos").number("downtime_ns").value_or(0) > 0;
  return (closed && (by_time || downtimes)) || row.value("shed").value_or(0) > 0;
}

// Flat, by JSON pointers.
json all_but_names(const Row& row) {
  json result = row.json();
  for (const std::string_view name : kNotFixed) {
    result.erase(name);
  }
  result["spate"].erase("cell");  // what defines the cell is the same, and the workers may differ
  return result.flatten();
}

json what_is_drawn(const Row& row) {
  json result = json::object();
  const auto take = [&](std::string_view name) {
    if (const std::optional<double> value = row.value(name)) {
      result[fmt::format("/{}", name)] = canonical(*value);
    }
  };
  std::for_each(kDrawn.begin(), kDrawn.end(), take);
  if (row.delivery->mode == "mock" || row.delivery->mode == kVirtualTime) {
    std::for_each(kDrawnByMock.begin(), kDrawnByMock.end(), take);
  }
  for (const auto& [pointer, digest] : {std::pair{"/spate/digest", &row.delivery->digest},
                                        {"/spate/mock_digest", &row.delivery->mock_digest}}) {
    if (!digest->empty() && *digest != kNoDraws) {
      result[pointer] = *digest;
    }
  }
  return result;
}

struct FixedRow {
  std::string name;
  json values;  // as fixed_by_seed gives them
};

// Those of which something is fixed.
std::vector<FixedRow> fixed_rows(const Cell& cell, const std::string& side, Demand demand) {
  std::vector<FixedRow> result;
  for (std::size_t i = 0; i < cell.rows.size(); ++i) {
    if (json values = fixed_by_seed(*cell.rows[i], demand); !values.is_null()) {
      result.push_back({cell.rows.size() == 1 ? side : fmt::format("{} row {}", side, i + 1),
                        std::move(values)});
    }
  }
  return result;
}

// Null counts as absent, as everywhere.
json value_at(const json& flat, const std::string& pointer) { return flat.value(pointer, json()); }

void note_differences(const FixedRow& reference, const FixedRow& other, bool whole,
                      Exactness& result) {
  json all = reference.values;
  all.update(other.values);
  for (const auto& [pointer, unused] : all.items()) {
    json first = value_at(reference.values, pointer);
    json second = value_at(other.values, pointer);
    const bool both = !first.is_null() && !second.is_null();
    if (first == second || !(whole || both)) {
      continue;
    }
    if (result.differences.size() == kMaxDifferences) {
      ++result.more;
    } else {
      result.differences.push_back(
          {dotted(pointer), reference.name, other.name, std::move(first), std::move(second)});
    }
  }
}

}  // namespace

json fixed_by_seed(const Row& row, Demand demand) {
  const bool is_run = row.delivery && row.kind == RowKind::iteration && !row.error;
  if (!is_run || !row.delivery->cell->contains("seed")) {
    return nullptr;
  }
  if (row.delivery->mode == kVirtualTime && demand == Demand::all) {
    return all_but_names(row);
  }
  return row.delivery->mode != kVirtualTime && machine_had_a_say(row) ? json() : what_is_drawn(row);
}

Exactness compare_exactly(const CellPair& pair, const std::array<std::string, 2>& sides,
                          Demand demand) {
  std::vector<FixedRow> rows = fixed_rows(pair.reference, sides[0], demand);
  std::vector<FixedRow> others = fixed_rows(pair.other, sides[1], demand);
  Exactness result;
  result.demanded = !rows.empty() && !others.empty();
  if (!result.demanded) {
    return result;
  }
  std::move(others.begin(), others.end(), std::back_inserter(rows));
  const bool whole =
      demand == Demand::all && pair.reference.rows.front()->delivery->mode == kVirtualTime;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    note_differences(rows.front(), rows[i], whole, result);
  }
  return result;
}

}  // namespace spate::compare
