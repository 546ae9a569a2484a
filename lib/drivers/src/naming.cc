#include "spate/drivers/naming.h"

#include <fmt/format.h>

namespace spate::drivers {

std::string run_name(const Payloads& payloads) {
  return fmt::format("spate-{:016x}", payloads.run_key());
}

}  // namespace spate::drivers
