// Memory for large arrays that costs few page faults: a program that reads everything once spends
// more time on these than on reading.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace spate::compare {

inline constexpr std::size_t kHugePage = std::size_t{2} * 1024 * 1024;

// At least `bytes`, for std::free(); on huge pages where the system has them and it fills some.
// Throws std::bad_alloc.
void* allocate_pages(std::size_t bytes);

// As std::allocator, of which it differs for arrays that fill a huge page.
template <class T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <class U>
  explicit HugePageAllocator(const HugePageAllocator<U>& /*other*/) {}

  // Containers ask for no more than std::allocator_traits::max_size, whose size in bytes is one.
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_pages(count * sizeof(T))); }
  void deallocate(T* array, std::size_t /*count*/) { std::free(array); }

  template <class U>
  bool operator==(const HugePageAllocator<U>& /*other*/) const {
    return true;
  }
};

}  // namespace spate::compare
