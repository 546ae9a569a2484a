// Objects of C libraries, owned.
#pragma once

namespace spate::drivers {

// For std::unique_ptr: what the library's own function ends.
template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const noexcept {
    kDestroy(object);
  }
};

}  // namespace spate::drivers
