// How far apart things must stand that different threads write.
#pragma once

#include <cstddef>

namespace spate {

inline constexpr std::size_t kCacheLine = 64;

}  // namespace spate
