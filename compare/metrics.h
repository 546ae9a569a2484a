// The values of one metric in the rows of a cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "compare/cells.h"

namespace spate::compare {

// Of an even number of values, the mean of the middle two; nothing of none.
std::optional<double> median(std::vector<double> values);

// other / reference; nothing where either is missing or the quotient is not finite.
std::optional<double> ratio(std::optional<double> reference, std::optional<double> other);

// What the row has of it. A delivery's response_ns_p99 is the median of its ten windows' p99, where
// the row has windows: one bad moment of the machine spoils one window and not the run.
std::optional<double> value_of(const Row& row, std::string_view key);

// What one value stands for. Repetitions within a process share its memory layout and its moment,
// so that where there are several processes each of them counts once, by the median of its
// repetitions.
enum class Replication : std::uint8_t { process, repetition };

// One value a unit, and none for a unit that failed or lacks the metric.
struct UnitValue {
  const Origin* file = nullptr;
  double value = 0;
};
std::vector<double> plain_values(const std::vector<UnitValue>& units);
std::vector<UnitValue> values_of(const std::vector<const Row*>& rows, std::string_view key,
                                 Replication replication);

}  // namespace spate::compare
