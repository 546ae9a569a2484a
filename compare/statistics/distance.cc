#include "compare/statistics/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace spate::compare {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A distribution function, followed from left to right.
class Steps {
 public:
  explicit Steps(std::span<const ValueCount> counts) : rest_(counts) {
    for (const ValueCount& step : counts) {
      all_ += step.count;
    }
  }

  bool is_empty() const { return all_ == 0; }
  double next_value() const {
    if (rest_.empty()) {
      return kNever;
    }
    return rest_.front().value;
  }
  double height() const { return static_cast<double>(passed_) / static_cast<double>(all_); }
  void pass(double value) {
    while (!rest_.empty() && rest_.front().value == value) {
      passed_ += rest_.front().count;
      rest_ = rest_.subspan(1);
    }
  }

 private:
  std::span<const ValueCount> rest_;
  std::uint64_t all_ = 0;
  std::uint64_t passed_ = 0;
};

// Calls visit(difference, from, to) for each stretch on which neither function steps, but for the
// ends, where they do not differ. False where there is nothing to visit.
template <class Visit>
bool follow(std::span<const ValueCount> a, std::span<const ValueCount> b, const Visit& visit) {
  Steps one(a);
  Steps other(b);
  if (one.is_empty() || other.is_empty()) {
    return false;
  }
  double at = std::min(one.next_value(), other.next_value());
  while (true) {
    one.pass(at);
    other.pass(at);
    const double next = std::min(one.next_value(), other.next_value());
    if (next == kNever) {
      return true;
    }
    visit(std::fabs(one.height() - other.height()), at, next);
    at = next;
  }
}

}  // namespace

std::optional<double> kolmogorov_smirnov(std::span<const ValueCount> a,
                                         std::span<const ValueCount> b) {
  double largest = 0;
  const bool exists = follow(a, b, [&largest](double difference, double /*from*/, double /*to*/) {
    largest = std::max(largest, difference);
  });
  return exists ? std::optional{largest} : std::nullopt;
}

std::optional<double> wasserstein(std::span<const ValueCount> a, std::span<const ValueCount> b) {
  double area = 0;
  const bool exists = follow(a, b, [&area](double difference, double from, double to) {
    area += difference * (to - from);
  });
  return exists ? std::optional{area} : std::nullopt;
}

}  // namespace spate::compare
