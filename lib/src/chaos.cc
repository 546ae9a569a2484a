#include "spate/chaos.h"

#include <fmt/format.h>

#include "spate/error.h"

namespace spate {

ChaosProfile ChaosProfile::named(std::string_view name) {
  if (name == "off") {
    return off();
  }
  if (name == "on") {
    return on();
  }
  throw Error(fmt::format("unknown chaos profile '{}'; use off or on", name));
}

}  // namespace spate
