// Whatever a file holds, reading it ends well or with the one exception that main prints.
#include <cstddef>
#include <cstdint>

#include "compare/error.h"
#include "compare/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)spate::compare::parse_results({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const spate::compare::Error&) {
  }
  return 0;
}
