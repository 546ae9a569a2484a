#include "compare/metrics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "compare/schema.h"

namespace spate::compare {

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) {
    return std::nullopt;
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) {
    return values[middle];
  }
  return values[middle - 1] / 2 + values[middle] / 2;  // halved first: a sum might overflow
}

std::optional<double> ratio(std::optional<double> reference, std::optional<double> other) {
  if (!reference || !other) {
    return std::nullopt;
  }
  const double quotient = *other / *reference;
  return std::isfinite(quotient) ? std::optional{quotient} : std::nullopt;
}

std::optional<double> value_of(const Row& row, std::string_view key) {
  if (row.delivery && row.delivery->p99_of_windows && key == kResponseP99) {
    return row.delivery->p99_of_windows;
  }
  return row.value(key);
}

std::vector<double> plain_values(const std::vector<UnitValue>& units) {
  std::vector<double> result(units.size());
  std::transform(units.begin(), units.end(), result.begin(),
                 [](const UnitValue& unit) { return unit.value; });
  return result;
}

std::vector<UnitValue> values_of(const std::vector<const Row*>& rows, std::string_view key,
                                 Replication replication) {
  std::vector<UnitValue> result;
  result.reserve(rows.size());
  for (const Row* row : rows) {
    const std::optional<double> value = row->error ? std::nullopt : value_of(*row, key);
    if (value) {
      result.push_back({row->origin, *value});
    }
  }
  if (replication == Replication::repetition) {
    return result;
  }
  std::vector<UnitValue> medians;
  for (auto begin = result.begin(); begin != result.end();) {
    const auto end = std::find_if(begin, result.end(),
                                  [&](const UnitValue& next) { return next.file != begin->file; });
    medians.push_back({begin->file, *median(plain_values({begin, end}))});
    begin = end;
  }
  return medians;
}

}  // namespace spate::compare
