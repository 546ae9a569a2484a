#include "compare/invariants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace spate::compare {
namespace {

constexpr std::array<std::string_view, 6> kMustBeZero{"lost",   "duplicated", "anomalies",
                                                      "aliens", "corrupted",  "misreported"};
constexpr std::array<std::string_view, 6> kParts{"delivered", "failed",  "crashed",
                                                 "rejected",  "unknown", "lost"};

// Where connections or brokers broke, at least once is what a delivery can promise.
constexpr std::string_view kDuplicated = "duplicated";
bool has_real_faults(const Cell& cell) {
  return cell.rows.front()->delivery->cell->contains("faults");
}

Break make_break(const Cell& cell, std::string_view side, std::string_view kind,
                 std::string detail) {
  return {cell.name, std::string(side), std::string(kind), std::move(detail)};
}

std::string error_detail(const Row& row) {
  return fmt::format("failed: {}", row.error->empty() ? "no message" : *row.error);
}

void find_errors(const Cell& cell, std::string_view side, std::vector<Break>& breaks) {
  for (const Row* row : cell.rows) {
    if (row->error) {
      breaks.push_back(make_break(cell, side, "error", error_detail(*row)));
    }
  }
}

// What was not struck as planned, or did not come to life again, is no measurement of faults.
void find_fault_troubles(const Cell& cell, std::string_view side, std::vector<Break>& breaks) {
  for (const Row* row : cell.rows) {
    if (!row->delivery->fault_trouble.empty()) {
      breaks.push_back(make_break(cell, side, "faults", row->delivery->fault_trouble));
    }
  }
}

// Nothing where a counter is missing: then the row claims no identity.
std::optional<double> sum_of_parts(const Row& row) {
  double sum = 0;
  for (const std::string_view part : kParts) {
    const std::optional<double> value = row.value(part);
    if (!value) {
      return std::nullopt;
    }
    sum += *value;
  }
  return sum;
}

void find_broken_identity(const Cell& cell, std::string_view side, std::vector<Break>& breaks) {
  for (const Row* row : cell.rows) {
    const std::optional<double> expected = row->value("expected");
    const std::optional<double> sum = sum_of_parts(*row);
    // The identity is one run's: aggregates of its terms need not add up exactly.
    if (row->kind != RowKind::iteration || !expected || !sum || *expected == *sum) {
      continue;
    }
    breaks.push_back(make_break(
        cell, side, "identity",
        fmt::format("expected {}, but {} is {}", *expected, fmt::join(kParts, " + "), *sum)));
  }
}

using DigestsByIterations = std::map<double, std::set<std::string>>;

DigestsByIterations digests_of(const Cell& cell) {
  DigestsByIterations result;
  for (const Row* row : cell.rows) {
    const bool is_run = row->delivery && row->kind == RowKind::iteration && !row->error;
    if (is_run && row->iterations && !row->delivery->digest.empty()) {
      result[*row->iterations].insert(row->delivery->digest);
    }
  }
  return result;
}

std::vector<Break> digest_breaks(const Cell& cell, const DigestsByIterations& all,
                                 std::string_view side) {
  std::vector<Break> breaks;
  for (const auto& [iterations, digests] : all) {
    if (digests.size() > 1 && cell.identity.contains("seed")) {
      breaks.push_back(make_break(
          cell, side, "digest",
          fmt::format("same plan and seed, different digests: {}", fmt::join(digests, ", "))));
    }
  }
  return breaks;
}

// What was under way when a run was stopped is lost to it and to nobody else.
bool may_be_lost(const Row& row, std::string_view counter) {
  return counter == "lost" && row.delivery && row.delivery->cut_short;
}

void find_nonzero(const Cell& cell, std::string_view counter, std::string_view side,
                  std::vector<Break>& breaks) {
  double worst = 0;
  for (const Row* row : cell.rows) {
    if (may_be_lost(*row, counter)) {
      continue;
    }
    worst = std::max(worst, std::abs(row->value(counter).value_or(0)));
  }
  if (worst > 0) {
    const std::string among =
        cell.rows.size() == 1 ? "" : fmt::format(" (worst of {} rows)", cell.rows.size());
    breaks.push_back(
        make_break(cell, side, counter, fmt::format("{} {}{}", counter, worst, among)));
  }
}

}  // namespace

std::vector<Break> rule_breaks(const Cell& cell, std::string_view side, const Schema& schema) {
  std::vector<Break> breaks;
  if (!schema.adds_invariants()) {
    return breaks;
  }
  for (const std::string_view key : counter_names(cell.rows)) {
    const ResolvedMetric resolved = schema.resolve(key, cell.is_delivery(), cell.name);
    if (resolved.metric.metric_class == MetricClass::invariant && !resolved.is_of_account) {
      find_nonzero(cell, key, side, breaks);
    }
  }
  return breaks;
}

std::vector<Break> breaks_of(const Cell& cell, std::string_view side) {
  std::vector<Break> breaks;
  find_errors(cell, side, breaks);
  if (cell.is_delivery()) {
    find_fault_troubles(cell, side, breaks);
    for (const std::string_view counter : kMustBeZero) {
      if (counter != kDuplicated || !has_real_faults(cell)) {
        find_nonzero(cell, counter, side, breaks);
      }
    }
    find_broken_identity(cell, side, breaks);
  }
  return breaks;
}

std::vector<Break> breaks_of_unplaced(const Row& row) {
  return breaks_of({{}, {}, std::string(row.run_name), {&row}}, row.origin->path);
}

std::vector<Break> digest_breaks(const Cell& cell, std::string_view side) {
  return digest_breaks(cell, digests_of(cell), side);
}

std::vector<Break> digest_breaks(const CellPair& pair, std::string_view sides) {
  DigestsByIterations both = digests_of(pair.reference);
  for (const auto& [iterations, digests] : digests_of(pair.other)) {
    both[iterations].insert(digests.begin(), digests.end());
  }
  return digest_breaks(pair.reference, both, sides);
}

}  // namespace spate::compare
