#include "compare/statistics/detectable.h"

#include "compare/statistics/normal.h"

namespace spate::compare {

double smallest_detectable_effect(double half_width, double level, double alpha, double power) {
  const double standard_error = half_width / normal_upper_quantile((1 - level) / 2);
  return standard_error * (normal_upper_quantile(alpha / 2) + normal_upper_quantile(1 - power));
}

}  // namespace spate::compare
