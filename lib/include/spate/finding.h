// What the ledger finds of single deliveries, beyond that they arrived or were refused.
#pragma once

#include <cstdint>

namespace spate {

enum class Finding : std::uint8_t {
  lost,        // acked, never seen
  recovered,   // unknown to the sender, yet seen
  unknown,     // unknown, never seen
  duplicated,  // seen again
};

}  // namespace spate
