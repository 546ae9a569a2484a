#include "compare/huge_pages.h"

#include <sys/mman.h>

#include <new>

namespace spate::compare {

void* allocate_pages(std::size_t bytes) {
  const bool large = bytes >= kHugePage;
  void* const memory =
      large ? std::aligned_alloc(kHugePage, (bytes - 1) / kHugePage * kHugePage + kHugePage)
            : std::malloc(bytes);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
#ifdef MADV_HUGEPAGE
  if (large) {
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
  }
#endif
  return memory;
}

}  // namespace spate::compare
