// Elementary functions that give the same bits everywhere: the C library's differ from one version
// to the next. Only what IEEE 754 rounds correctly: + - * / and the square root. The build keeps
// the compiler from fusing them (ci/cmake/compile_options.cmake). For tables, not for hot paths.
#pragma once

namespace spate::fixed_math {

// x > 0, and normal. Error below 10^-15, relative to 1 or to the result, whichever is larger.
double ln(double x);
// -700 < x < 700. Relative error below 10^-14 for |x| < 90, and 10^-13 beyond.
double exp(double x);
// The p-th quantile of the normal distribution, 0 < p <= 1/2, so 0 or less: the other half is its
// mirror image. (Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
// Applied Statistics 37, 1988.) Relative error 10^-14.
double normal_quantile(double p);

}  // namespace spate::fixed_math
