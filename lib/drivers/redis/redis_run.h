// What the handles of one run share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spate/drivers/address.h"
#include "spate/drivers/envelope.h"
#include "spate/drivers/troubles.h"

namespace spate::drivers::redis {

// The one field of an entry, with the message in its value.
inline constexpr std::string_view kField = "m";

// Immutable during the run but for the troubles.
struct RedisRun {
  Address address;
  std::int64_t timeout_ns;
  Troubles& troubles;
  std::uint32_t workers;
  std::uint32_t capacity;
  Envelope envelope;
  std::vector<std::string> streams;  // by place_of()
  std::string group;
};

}  // namespace spate::drivers::redis
