// The standard normal distribution.
#pragma once

namespace spate::compare {

// P(Z >= z), accurate in relative terms far into the tail.
double normal_upper_tail(double z);

// The z with normal_upper_tail(z) == tail, for a tail in (0, 0.5].
double normal_upper_quantile(double tail);

}  // namespace spate::compare
