#include "compare/statistics/change_points.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>

#include "compare/statistics/order_statistics.h"

namespace spate::compare {
namespace {

// Each look at a part of the series has half of alpha: one is for a new level, which lasts, the
// other for a stretch, after which all is as before. A common look would find less of what is
// newest: a split has few rivals, and a stretch has many.
constexpr double kLooks = 2;

// So many random orders are tried that at the limit as many as this may stand out as much.
constexpr double kExceedances = 10;

// Values count as no further away than so many deviations: one outlier is no level.
constexpr double kClip = 4;
constexpr double kDeviationsPerMad = 1.4826;  // of normal noise

// So many deviations of the levels' distance show a step however the series wanders: of 5,400 with
// normal noise, of which each value took up to 0.95 after the one before, none went beyond 15.
constexpr double kPlain = 20;

// From one length of stretches to the next.
constexpr double kLengthRatio = 1.25;

// Stretches of one length, whose first values are from `first` to `last`.
struct Row {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t length = 0;
  double weight = 0;  // by which a sum becomes the standardised distance from the others' mean
};

Row row_of(std::size_t first, std::size_t last, std::size_t length, std::size_t size) {
  const auto n = static_cast<double>(size);
  const auto k = static_cast<double>(length);
  return {first, last, length, std::sqrt(n / (k * (n - k)))};
}

// A split is the stretch from the first value to it.
std::vector<Row> splits_of(std::size_t size) {
  std::vector<Row> rows;
  for (std::size_t length = kMinSegment; length + kMinSegment <= size; ++length) {
    rows.push_back(row_of(0, 0, length, size));
  }
  return rows;
}

// Those that leave a segment before and behind.
std::vector<Row> stretches_of(std::size_t size) {
  std::vector<Row> rows;
  for (std::size_t length = kMinSegment; length + 2 * kMinSegment <= size;) {
    rows.push_back(row_of(kMinSegment, size - kMinSegment - length, length, size));
    length =
        std::max(length + 1, static_cast<std::size_t>(kLengthRatio * static_cast<double>(length)));
  }
  return rows;
}

// [i]: of the first i values; [0] is 0.
void sum_up(std::span<const double> values, std::vector<double>& sums) {
  sums.resize(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i + 1] = sums[i] + values[i];
  }
}

// Four at a time: a maximum waits for the one before it.
double largest_sum(const Row& row, const std::vector<double>& sums) {
  constexpr std::size_t kAtATime = 4;
  const double* begin = &sums[row.first];
  const double* end = begin + row.length;
  std::array<double, kAtATime> largest{};
  std::size_t left = row.last - row.first + 1;
  for (; left >= kAtATime; left -= kAtATime, begin += kAtATime, end += kAtATime) {
    for (std::size_t i = 0; i < kAtATime; ++i) {
      largest[i] = std::max(largest[i], std::fabs(end[i] - begin[i]));
    }
  }
  for (std::size_t i = 0; i < left; ++i) {
    largest[i] = std::max(largest[i], std::fabs(end[i] - begin[i]));
  }
  return *std::max_element(largest.begin(), largest.end());
}

// Of the stretch that is furthest from the others, but for the deviation of the noise.
double largest_distance(const std::vector<Row>& rows, const std::vector<double>& sums) {
  double largest = 0;
  for (const Row& row : rows) {
    largest = std::max(largest, row.weight * largest_sum(row, sums));
  }
  return largest;
}

struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Stretch furthest(const std::vector<Row>& rows, const std::vector<double>& sums, double distance) {
  for (const Row& row : rows) {
    for (std::size_t begin = row.first; begin <= row.last; ++begin) {
      if (row.weight * std::fabs(sums[begin + row.length] - sums[begin]) >= distance) {
        return {begin, begin + row.length};
      }
    }
  }
  return {};
}

void center(std::span<double> values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  for (double& value : values) {
    value -= sum / static_cast<double>(values.size());
  }
}

double median_of(std::vector<double> values) { return median_in_place(values); }

// Their mean is zero.
std::vector<double> without_outliers(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  const double middle = median_of(result);
  std::vector<double> distances(result.size());
  std::transform(result.begin(), result.end(), distances.begin(),
                 [&](double value) { return std::fabs(value - middle); });
  const double reach = kClip * kDeviationsPerMad * median_of(std::move(distances));
  if (reach > 0) {  // else most are equal, and any other is as far out as any other
    for (double& value : result) {
      value = std::clamp(value, middle - reach, middle + reach);
    }
  }
  center(result);
  return result;
}

// At least the probability that in a random order any of so many stretches is that far out: for
// each by Serfling (Probability Inequalities for the Sum in Sampling without Replacement, Annals of
// Statistics 2, 1974), the shorter of it and its complement. Spares the random orders where a
// change is plain.
double bound_of_p(double distance, std::span<const double> values, std::size_t places) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double share = distance / (*high - *low);
  const std::size_t shorter = values.size() / 2;
  const auto half = static_cast<double>(shorter);
  return 2 * static_cast<double>(places) * std::exp(-2 * share * share * half / (half + 1));
}

// In the same order everywhere, which std::shuffle is not.
void shuffle(std::span<double> values, std::mt19937_64& random) {
  for (std::size_t left = values.size(); left > 1; --left) {
    const std::uint64_t draw = ((random() >> 32U) * left) >> 32U;
    std::swap(values[left - 1], values[draw]);
  }
}

// The share of random orders in which something is as far out; 1 as soon as it is above `level`
// (Besag, Clifford: Sequential Monte Carlo p-values, Biometrika 78, 1991).
double p_of(double distance, std::vector<double> values, const std::vector<Row>& rows,
            double level) {
  constexpr double kRounding = 1e-9;
  const double tries = std::ceil(kExceedances / level) - 1;
  std::mt19937_64 random(1);
  std::vector<double> sums;
  double exceedances = 1;  // the order at hand is one of them
  for (double i = 0; i < tries; ++i) {
    shuffle(values, random);
    sum_up(values, sums);
    if (largest_distance(rows, sums) >= distance * (1 - kRounding)) {
      exceedances += 1;
      if (exceedances > level * (tries + 1)) {
        return 1;
      }
    }
  }
  return exceedances / (tries + 1);
}

struct Finding {
  Stretch stretch;
  double p = 1;
};

// `inertia`: so many times as far as in a random order chance drives what is looked at.
Finding look_at(const std::vector<double>& values, const std::vector<Row>& rows, double inertia,
                double level) {
  std::vector<double> sums;
  sum_up(values, sums);
  Finding found;
  const double distance = largest_distance(rows, sums);
  if (!(distance > 0)) {
    return found;
  }
  found.stretch = furthest(rows, sums, distance);
  std::size_t places = 0;
  for (const Row& row : rows) {
    places += row.last - row.first + 1;
  }
  found.p = bound_of_p(distance / inertia, values, places);
  if (found.p > level) {
    found.p = p_of(distance / inertia, values, rows, level);
  }
  return found;
}

// The stretch only where no split stands out: it has more freedom, and would end too early where a
// level lasts to the end.
std::optional<Finding> divide(std::span<const double> part, double inertia, double alpha) {
  const std::vector<double> values = without_outliers(part);
  const double level = alpha / kLooks;
  for (const auto& rows_of : {splits_of, stretches_of}) {
    const Finding found = look_at(values, rows_of(values.size()), inertia, level);
    if (found.p <= level) {
      return found;
    }
  }
  return std::nullopt;
}

// Where the part had more levels than two, the place between two of them was only about right.
void settle(std::span<const double> values, std::vector<ChangePoint>& points) {
  std::vector<double> sums;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : points[i - 1].at;
    const std::size_t end = i + 1 == points.size() ? values.size() : points[i + 1].at;
    const std::vector<Row> rows = splits_of(end - begin);
    sum_up(without_outliers(values.subspan(begin, end - begin)), sums);
    points[i].at = begin + furthest(rows, sums, largest_distance(rows, sums)).end;
  }
}

// The levels between the points, in order.
std::vector<Stretch> levels_between(const std::vector<ChangePoint>& points, std::size_t size) {
  std::vector<Stretch> levels;
  levels.reserve(points.size() + 1);
  for (const ChangePoint& point : points) {
    levels.push_back({levels.empty() ? 0 : levels.back().end, point.at});
  }
  levels.push_back({levels.empty() ? 0 : levels.back().end, size});
  return levels;
}

// `known`: what is there whatever else is found.
std::vector<ChangePoint> divide_all(std::span<const double> values,
                                    const std::vector<ChangePoint>& known, double inertia,
                                    double alpha) {
  std::vector<ChangePoint> result = known;
  std::vector<Stretch> parts = levels_between(known, values.size());
  while (!parts.empty()) {
    const Stretch part = parts.back();
    parts.pop_back();
    if (part.end - part.begin < 2 * kMinSegment) {
      continue;
    }
    const auto found = divide(values.subspan(part.begin, part.end - part.begin), inertia, alpha);
    if (!found) {
      continue;
    }
    const std::size_t begin = part.begin + found->stretch.begin;
    const std::size_t end = part.begin + found->stretch.end;
    if (begin > part.begin) {
      result.push_back({begin, found->p});
      parts.push_back({part.begin, begin});
    }
    result.push_back({end, found->p});
    parts.push_back({begin, end});
    parts.push_back({end, part.end});
  }
  std::sort(result.begin(), result.end(),
            [](const ChangePoint& a, const ChangePoint& b) { return a.at < b.at; });
  settle(values, result);
  return result;
}

// How much further chance drives means of values of which each takes after the one before: the root
// of (1 + r) / (1 - r), where r is the correlation of neighbours (Bayley, Hammersley: The
// "Effective" Number of Independent Observations in an Autocorrelated Time Series, JRSS Supplement
// 8, 1946). Of what is left when the levels are taken out, or each change would look like that;
// corrected for the means that this took (Marriott, Pope: Bias in the Estimation of
// Autocorrelations, Biometrika 41, 1954).
double inertia_of(std::span<const double> rest, std::size_t levels) {
  constexpr double kMaxCorrelation = 0.95;
  double squares = 0;
  double products = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    squares += rest[i] * rest[i];
    products += i == 0 ? 0 : rest[i] * rest[i - 1];
  }
  if (!(squares > 0)) {
    return 1;
  }
  const double biased = products / squares;
  const double means = static_cast<double>(levels) / static_cast<double>(rest.size());
  const double r = std::clamp(biased + means * (1 + 3 * biased), 0.0, kMaxCorrelation);
  return std::sqrt((1 + r) / (1 - r));
}

double inertia_within(std::span<const double> values, const std::vector<ChangePoint>& points) {
  std::vector<double> rest = without_outliers(values);
  const std::vector<Stretch> levels = levels_between(points, values.size());
  for (const Stretch& level : levels) {
    center(std::span(rest).subspan(level.begin, level.end - level.begin));
  }
  return inertia_of(rest, levels.size());
}

// Those at which the level moves so far beyond what is left within the levels that no wandering
// explains it. What `divide` asks for has an upper limit, since a random order of a series with a
// step has the step's values too: damped by the inertia, it would be out of reach at any size.
std::vector<ChangePoint> plain_ones(std::span<const double> values,
                                    const std::vector<ChangePoint>& points) {
  if (points.empty()) {
    return {};
  }
  const std::vector<Stretch> levels = levels_between(points, values.size());
  std::vector<double> middles;
  std::vector<double> rest(values.begin(), values.end());
  for (const Stretch& level : levels) {
    const auto part = std::span(rest).subspan(level.begin, level.end - level.begin);
    middles.push_back(median_of({part.begin(), part.end()}));
    std::transform(part.begin(), part.end(), part.begin(),
                   [&](double value) { return value - middles.back(); });
  }
  rest = without_outliers(rest);
  double squares = 0;
  for (const double value : rest) {
    squares += value * value;
  }
  const auto free = static_cast<double>(rest.size() - levels.size());
  const double deviation = std::sqrt(squares / free) * inertia_of(rest, levels.size());
  std::vector<ChangePoint> plain;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto before = static_cast<double>(levels[i].end - levels[i].begin);
    const auto after = static_cast<double>(levels[i + 1].end - levels[i + 1].begin);
    const double chance = deviation * std::sqrt(1 / before + 1 / after);
    if (std::fabs(middles[i + 1] - middles[i]) > kPlain * chance) {
      plain.push_back(points[i]);
    }
  }
  return plain;
}

}  // namespace

LevelChanges change_points(std::span<const double> values, double alpha) {
  double inertia = 1;
  LevelChanges result;
  result.if_chance = divide_all(values, {}, inertia, alpha);
  result.shown = result.if_chance;
  const std::vector<ChangePoint> plain = plain_ones(values, result.if_chance);
  // What is shown decides what is left, and that what may be shown: each round shows less.
  while (!result.shown.empty()) {
    const double found = inertia_within(values, result.shown);
    if (found <= inertia) {
      break;
    }
    inertia = found;
    result.shown = divide_all(values, plain, inertia, alpha);
  }
  return result;
}

// Two levels that do not overlap are the clearest that there is, in the middle of the series: of
// all ways to choose the values of the first level two are as clear, this and its mirror image.
std::size_t fewest_values(double alpha) {
  std::size_t size = 2;
  for (double orders = 2; 2 / orders > alpha / kLooks; ++size) {
    const std::size_t first = (size + 2) / 2;
    orders *= static_cast<double>(size + 1) / static_cast<double>(first);
  }
  return std::max(size, 2 * kMinSegment);
}

}  // namespace spate::compare
