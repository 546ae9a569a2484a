// Where a quantity lies, with stated confidence.
#pragma once

#include <optional>

namespace spate::compare {

struct Interval {
  double low = 0;
  double high = 0;
  double level = 0;  // the confidence reached: at least what was asked, since ranks come in steps
};

struct Estimate {
  double value = 0;
  std::optional<Interval> interval;  // nothing where there are too few data for its level
};

}  // namespace spate::compare
