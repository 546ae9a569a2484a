// Where a quantity lies, with stated confidence.
#pragma once

namespace spate::compare {

struct Interval {
  double low = 0;
  double high = 0;
  double level = 0;  // the confidence reached: at least what was asked, since ranks come in steps
};

}  // namespace spate::compare
